-- What contracts of groups say of names that two packages have, where that is not the default, who owns the group,
-- and the schema of its settings.
-- columns: group_name text, conflict text, priority text, owner text, settings_schema text
-- shape: many
SELECT g.group_name, g.conflict, array_to_string(g.priority, E'\n') AS priority, g.owner,
       g.settings_schema
  FROM groups g
 WHERE g.conflict <> 'warn' OR g.owner IS NOT NULL OR g.settings_schema IS NOT NULL
 ORDER BY g.group_name
