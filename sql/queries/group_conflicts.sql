-- What contracts of groups say of names that two packages have, where that is not the default, who owns the group,
-- the schema of its settings, and its deprecation.
-- columns: group_name text, conflict text, priority text, owner text, settings_schema text,
--   deprecated text, successor text, deprecated_at text, deprecated_by text
-- shape: many
SELECT g.group_name, g.conflict, array_to_string(g.priority, E'\n') AS priority, g.owner,
       g.settings_schema, g.deprecated, g.successor, rfc3339(g.deprecated_at) AS deprecated_at, g.deprecated_by
  FROM groups g
 WHERE g.conflict <> 'warn' OR g.owner IS NOT NULL OR g.settings_schema IS NOT NULL
    OR g.deprecated IS NOT NULL
 ORDER BY g.group_name
