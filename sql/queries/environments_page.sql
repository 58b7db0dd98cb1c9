-- The newest revisions of environments by name, from after the cursor.
-- parameters: after text, row_limit int8
-- columns: name text, revision int8, newest_revision int8, description text, plugin_count int8,
--   action text, summary text, package text, changed_at text, changed_by text
-- shape: many
SELECT e.name, r.revision, e.revision AS newest_revision, r.description, r.plugin_count, r.action,
       r.summary, r.package, rfc3339(r.changed_at) AS changed_at, r.changed_by
  FROM (SELECT * FROM environments WHERE name > $1 ORDER BY name LIMIT $2) e
  JOIN environment_revisions r ON r.environment = e.name AND r.revision = e.revision
 ORDER BY e.name
