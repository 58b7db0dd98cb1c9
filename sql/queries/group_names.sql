-- The names of all groups. Walks from name to name in the index, so the cost grows with the groups and
-- not with the registry.
-- columns: name text
-- shape: many
WITH RECURSIVE step (name) AS (
    (SELECT g.group_name FROM group_entries g ORDER BY g.group_name LIMIT 1)
    UNION ALL
    SELECT (SELECT g.group_name FROM group_entries g
             WHERE g.group_name > step.name ORDER BY g.group_name LIMIT 1)
      FROM step WHERE step.name IS NOT NULL
)
SELECT step.name AS name FROM step WHERE step.name IS NOT NULL ORDER BY step.name
