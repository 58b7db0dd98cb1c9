-- The revisions of an environment, newest first, those before the cursor (0 = all).
-- parameters: name text, before int8, row_limit int8
-- columns: name text, revision int8, newest_revision int8, description text, plugin_count int8,
--   action text, summary text, package text, changed_at text, changed_by text, lock_id int8,
--   is_archived bool, reason text
-- shape: many
SELECT e.name, r.revision, e.revision AS newest_revision, r.description, r.plugin_count, r.action,
       r.summary, r.package, rfc3339(r.changed_at) AS changed_at, r.changed_by,
       r.lock_id, r.is_archived, r.reason
  FROM environments e
  JOIN environment_revisions r ON r.environment = e.name AND ($2 = 0 OR r.revision < $2)
 WHERE e.name = $1
 ORDER BY r.revision DESC
 LIMIT $3
