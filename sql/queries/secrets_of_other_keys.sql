-- Secrets that another key than this one sealed, from behind one.
-- parameters: key_id text, environment text, package text, group_name text, name text, pointer text, row_limit int8
-- columns: environment text, package text, group_name text, name text, pointer text, key_id text, sealed text
-- shape: many
SELECT s.environment, s.package, s.group_name, s.name, s.pointer, s.key_id, encode(s.sealed, 'hex') AS sealed
  FROM environment_secrets s
 WHERE s.key_id <> $1 AND (s.environment, s.package, s.group_name, s.name, s.pointer) > ($2, $3, $4, $5, $6)
 ORDER BY s.environment, s.package, s.group_name, s.name, s.pointer
 LIMIT $7
