-- What contracts of groups say of names that two packages have, where that is not the default, and who owns
-- the group.
-- columns: group_name text, conflict text, priority text, owner text
-- shape: many
SELECT g.group_name, g.conflict, array_to_string(g.priority, E'\n') AS priority, g.owner
  FROM groups g
 WHERE g.conflict <> 'warn' OR g.owner IS NOT NULL
 ORDER BY g.group_name
