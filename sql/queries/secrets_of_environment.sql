-- The sealed secrets of an environment.
-- parameters: environment text
-- columns: package text, group_name text, name text, pointer text, key_id text, sealed text, set_at text, set_by text
-- shape: many
SELECT s.package, s.group_name, s.name, s.pointer, s.key_id, encode(s.sealed, 'hex') AS sealed, s.set_at, s.set_by
  FROM environment_secrets s
 WHERE s.environment = $1
 ORDER BY s.package, s.group_name, s.name, s.pointer
