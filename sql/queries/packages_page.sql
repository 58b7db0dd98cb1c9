-- Packages by name, from after the cursor.
-- parameters: after text, row_limit int8
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text
-- shape: many
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at
  FROM (SELECT * FROM packages WHERE name > $1 ORDER BY name LIMIT $2) p
  JOIN releases r ON r.id = latest_release(p.id)
 ORDER BY p.name
