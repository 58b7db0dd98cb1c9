-- What a team may bring to a token: its grants ("SCOPE OBJECT", one a line), and whether it owns a package, and a group.
-- parameters: team text
-- columns: grants text, owns_package bool, owns_group bool
-- shape: one
SELECT coalesce((SELECT string_agg(g.scope || ' ' || g.object, E'\n' ORDER BY g.scope, g.object)
                   FROM grants g
                  WHERE g.team = $1 AND (g.expires_at IS NULL OR g.expires_at > now())), '') AS grants,
       EXISTS (SELECT FROM packages WHERE owner = $1) AS owns_package,
       EXISTS (SELECT FROM groups WHERE owner = $1) AS owns_group
