-- Grants by team, scope and object, with those that have ended: all, or of one team. `after` is team, scope and object, one a line.
-- parameters: after text, team text, row_limit int8
-- columns: team text, scope text, object text, created_at text, created_by text,
--   expires_at text
-- shape: many
SELECT g.team, g.scope, g.object, rfc3339(g.created_at) AS created_at, g.created_by,
       rfc3339(g.expires_at) AS expires_at
  FROM grants g
 WHERE (g.team, g.scope, g.object) > (split_part($1, E'\n', 1), split_part($1, E'\n', 2),
                                      split_part($1, E'\n', 3))
   AND ($2::text IS NULL OR g.team = $2)
 ORDER BY g.team, g.scope, g.object
 LIMIT $3
