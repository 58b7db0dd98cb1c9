-- Packages of which any release ever had an entry point in the group, from behind a place.
-- parameters: group_name text, after int8, row_limit int8
-- columns: package_id int8
-- shape: many
SELECT DISTINCT g.package_id
  FROM group_entries g
 WHERE g.group_name = $1 AND g.package_id > $2
 ORDER BY g.package_id
 LIMIT $3
