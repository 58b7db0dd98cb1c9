-- Tokens by number, without their hashes: all, of a team, or one.
-- parameters: after int8, team text, id int8, row_limit int8
-- columns: id int8, name text, kind text, team text, state text, scopes text, name_prefix text,
--   created_at text, created_by text, expires_at text, last_used_at text, revoked_at text,
--   revoked_by text, revoked_reason text
-- shape: many
SELECT t.id, t.name, t.kind, t.team,
       CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked'
            WHEN t.expires_at <= now() THEN 'expired'
            ELSE 'active' END AS state,
       array_to_string(t.scopes, E'\n') AS scopes, t.name_prefix,
       rfc3339(t.created_at) AS created_at, t.created_by, rfc3339(t.expires_at) AS expires_at,
       rfc3339(t.last_used_at) AS last_used_at, rfc3339(t.revoked_at) AS revoked_at, t.revoked_by,
       t.revoked_reason
  FROM tokens t
 WHERE t.id > $1 AND ($2::text IS NULL OR t.team = $2) AND ($3::int8 = 0 OR t.id = $3)
 ORDER BY t.id
 LIMIT $4
