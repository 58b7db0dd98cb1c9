-- Groups by name, from after the cursor, with their counts; also those that have only a contract.
-- parameters: after text, row_limit int8
-- columns: name text, package_count int8, entry_point_count int8
-- shape: many
SELECT n.group_name AS name, coalesce(c.package_count, 0) AS package_count,
       coalesce(c.entry_point_count, 0) AS entry_point_count
  FROM (SELECT group_name
          FROM ((SELECT group_name FROM group_counts WHERE group_name > $1 ORDER BY group_name LIMIT $2)
                UNION
                (SELECT group_name FROM groups WHERE group_name > $1 ORDER BY group_name LIMIT $2)) u
         ORDER BY group_name LIMIT $2) n
  LEFT JOIN group_counts c ON c.group_name = n.group_name
 ORDER BY n.group_name
