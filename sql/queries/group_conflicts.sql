-- What contracts of groups say of names that two packages have, where that is not simply both.
-- columns: group_name text, conflict text, priority text
-- shape: many
SELECT g.group_name, g.conflict, array_to_string(g.priority, E'\n') AS priority
  FROM groups g
 WHERE g.conflict <> 'all'
 ORDER BY g.group_name
