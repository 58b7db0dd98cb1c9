-- One package with the document of its latest release; NULLs for that when all are quarantined.
-- parameters: name text
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, document text
-- shape: optional
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at, r.document
  FROM packages p
  LEFT JOIN releases r ON r.id = latest_release(p.id)
 WHERE p.name = $1
