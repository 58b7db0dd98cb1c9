-- Groups by name, from after the cursor, with their counts; also those that have only a contract. Walks from name to name in the index, so
-- the cost grows with the page and not with the registry.
-- parameters: after text, row_limit int8
-- columns: name text, package_count int8, entry_point_count int8
-- shape: many
WITH RECURSIVE step (name) AS (
    SELECT least((SELECT g.group_name FROM group_entries g
                   WHERE g.group_name > $1 ORDER BY g.group_name LIMIT 1),
                 (SELECT g.group_name FROM groups g
                   WHERE g.group_name > $1 ORDER BY g.group_name LIMIT 1))
    UNION ALL
    SELECT least((SELECT g.group_name FROM group_entries g
                   WHERE g.group_name > step.name ORDER BY g.group_name LIMIT 1),
                 (SELECT g.group_name FROM groups g
                   WHERE g.group_name > step.name ORDER BY g.group_name LIMIT 1))
      FROM step WHERE step.name IS NOT NULL
), chosen AS (
    SELECT step.name FROM step WHERE step.name IS NOT NULL LIMIT $2
)
SELECT chosen.name, count(DISTINCT g.package_id) AS package_count,
       count(DISTINCT g.name) AS entry_point_count
  FROM chosen
  LEFT JOIN group_entries g ON g.group_name = chosen.name
 GROUP BY chosen.name
 ORDER BY chosen.name
