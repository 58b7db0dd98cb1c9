-- The schemas of the settings of these packages: one of each group that they have entry points in and that has one.
-- parameters: packages text[]
-- columns: package text, group_name text, settings_schema text
-- shape: many
SELECT p.name AS package, g.group_name, g.settings_schema
  FROM packages p
  JOIN (SELECT DISTINCT e.package_id, e.group_name FROM group_entries e) AS held ON held.package_id = p.id
  JOIN groups g ON g.group_name = held.group_name AND g.settings_schema IS NOT NULL
 WHERE p.name = ANY ($1)
 ORDER BY p.name, g.group_name
