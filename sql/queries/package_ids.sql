-- All packages, from behind a place.
-- parameters: after int8, row_limit int8
-- columns: package_id int8
-- shape: many
SELECT p.id AS package_id
  FROM packages p
 WHERE p.id > $1
 ORDER BY p.id
 LIMIT $2
