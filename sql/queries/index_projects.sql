-- Every package by name, with its last change.
-- columns: name text, last_serial int8
-- shape: many
SELECT p.name,
       (SELECT coalesce(max(c.serial), 0) FROM changes c WHERE c.package = p.name) AS last_serial
  FROM packages p
 ORDER BY p.name
