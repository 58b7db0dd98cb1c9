-- The newest revisions of environments by name, from after the cursor; those that are archived only when asked.
-- parameters: after text, row_limit int8, with_archived bool
-- columns: name text, revision int8, newest_revision int8, description text, plugin_count int8,
--   action text, summary text, package text, changed_at text, changed_by text, lock_id int8,
--   is_archived bool, reason text
-- shape: many
SELECT e.name, r.revision, e.revision AS newest_revision, r.description, r.plugin_count, r.action,
       r.summary, r.package, rfc3339(r.changed_at) AS changed_at, r.changed_by,
       r.lock_id, r.is_archived, r.reason
  FROM environments e
  JOIN environment_revisions r ON r.environment = e.name AND r.revision = e.revision
 WHERE e.name > $1 AND ($3 OR NOT r.is_archived)
 ORDER BY e.name
 LIMIT $2
