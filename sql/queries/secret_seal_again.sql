-- Writes a secret as another key sealed it, unless it was set anew meanwhile; without a text, removes it.
-- parameters: environment text, package text, group_name text, name text, pointer text, before text, key_id text,
--   sealed text
-- columns: pointer text
-- shape: optional
-- writes: yes
WITH changed AS (
    UPDATE environment_secrets s SET key_id = $7, sealed = decode($8, 'hex')
     WHERE (s.environment, s.package, s.group_name, s.name, s.pointer) = ($1, $2, $3, $4, $5)
       AND s.sealed = decode($6, 'hex') AND $8 IS NOT NULL
    RETURNING s.pointer
), removed AS (
    DELETE FROM environment_secrets s
     WHERE (s.environment, s.package, s.group_name, s.name, s.pointer) = ($1, $2, $3, $4, $5)
       AND s.sealed = decode($6, 'hex') AND $8 IS NULL
    RETURNING s.pointer
)
SELECT pointer FROM changed UNION ALL SELECT pointer FROM removed
