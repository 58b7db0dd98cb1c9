-- The contracts of groups, by name; none for a group that has no contract.
-- parameters: group_names text[]
-- columns: group_name text, owner text, description text, name_pattern text, kind text,
--   conflict text, priority text, manifest_schema text,
--   settings_schema text, revision int8, updated_at text,
--   updated_by text, error_checks text, deprecated text, successor text
-- shape: many
SELECT g.group_name, g.owner, g.description, g.name_pattern, g.kind, g.conflict,
       array_to_string(g.priority, E'\n') AS priority, g.manifest_schema, g.settings_schema,
       g.revision, rfc3339(g.updated_at) AS updated_at, g.updated_by,
       array_to_string(g.error_checks, E'\n') AS error_checks, g.deprecated, g.successor
  FROM groups g
 WHERE g.group_name = ANY ($1)
 ORDER BY g.group_name
