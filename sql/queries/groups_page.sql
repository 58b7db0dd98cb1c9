-- Groups by name, from after the cursor, with their counts; also those that have only a contract. (Counted
-- with count(*), because EXISTS could be planned as a hash of all groups.)
-- parameters: after text, row_limit int8
-- columns: name text, package_count int8, entry_point_count int8
-- shape: many
SELECT u.name, u.package_count, u.entry_point_count
  FROM ((SELECT c.group_name AS name, c.package_count, c.entry_point_count
           FROM group_counts c WHERE c.group_name > $1 ORDER BY c.group_name LIMIT $2)
        UNION ALL
        (SELECT g.group_name, 0, 0
           FROM groups g
          WHERE g.group_name > $1
            AND (SELECT count(*) FROM group_counts c WHERE c.group_name = g.group_name) = 0
          ORDER BY g.group_name LIMIT $2)) u
 ORDER BY u.name
 LIMIT $2
