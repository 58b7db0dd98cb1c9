-- The packages that search could not index, by name, from after the cursor.
-- parameters: after text, row_limit int8
-- columns: package text, error text, since text
-- shape: many
SELECT p.name AS package, b.error, rfc3339(b.since) AS since
  FROM search_problems b JOIN packages p ON p.id = b.package_id
 WHERE p.name > $1
 ORDER BY p.name
 LIMIT $2
