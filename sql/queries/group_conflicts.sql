-- What contracts of groups say of names that two packages have, where that is not the default.
-- columns: group_name text, conflict text, priority text
-- shape: many
SELECT g.group_name, g.conflict, array_to_string(g.priority, E'\n') AS priority
  FROM groups g
 WHERE g.conflict <> 'warn'
 ORDER BY g.group_name
