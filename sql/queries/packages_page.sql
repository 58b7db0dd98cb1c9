-- Packages by name, from after the cursor.
-- parameters: after text, row_limit int8
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, total int8
-- shape: many
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at,
       (SELECT count(*) FROM package_search) AS total
  FROM (SELECT p.*, s.release_id FROM packages p JOIN package_search s ON s.package_id = p.id
         WHERE p.name > $1 ORDER BY p.name LIMIT $2) p
  JOIN releases r ON r.id = p.release_id
 ORDER BY p.name
