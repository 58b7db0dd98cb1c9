-- One revision of an environment (0 = the newest) with its document. Of a revision that is not there, the
-- name and the newest alone.
-- parameters: name text, revision int8
-- columns: name text, revision int8, newest_revision int8, description text, plugin_count int8,
--   action text, summary text, package text, changed_at text, changed_by text, lock_id int8,
--   is_archived bool, reason text, document text, epoch text, epoch_number int8, serial int8
-- shape: optional
SELECT e.name, r.revision, e.revision AS newest_revision, r.description, r.plugin_count, r.action,
       r.summary, r.package, rfc3339(r.changed_at) AS changed_at, r.changed_by,
       r.lock_id, r.is_archived, r.reason, r.document,
       registry.epoch::text AS epoch, registry.epoch_number, registry.serial
  FROM registry
  JOIN environments e ON e.name = $1
  LEFT JOIN environment_revisions r
    ON r.environment = e.name AND r.revision = CASE $2 WHEN 0 THEN e.revision ELSE $2 END
