-- The token of a hash with what its team is granted; usable by the database's clock. Scopes and grants
-- ("SCOPE OBJECT") are one a line.
-- parameters: hash bytea
-- columns: id int8, name text, kind text, team text, hash text, usable bool, unnoticed bool,
--   scopes text, name_prefix text, grants text
-- shape: optional
SELECT t.id, t.name, t.kind, t.team, encode(t.hash, 'hex') AS hash,
       t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()) AS usable,
       t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS unnoticed,
       array_to_string(t.scopes, E'\n') AS scopes, t.name_prefix,
       coalesce((SELECT string_agg(g.scope || ' ' || g.object, E'\n' ORDER BY g.scope, g.object)
                   FROM grants g
                  WHERE g.team = t.team AND (g.expires_at IS NULL OR g.expires_at > now())), '') AS grants
  FROM tokens t
 WHERE t.hash = $1
