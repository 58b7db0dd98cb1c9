-- The files of a package's live releases as its index page lists them, the newest release last.
-- parameters: package text
-- columns: version text, filename text, kind text, size int8, sha256 text, metadata_sha256 text,
--   uploaded_at text, requires_python text, yanked bool, yanked_reason text
-- shape: many
SELECT r.version, a.filename, a.kind, a.size, encode(a.sha256, 'hex') AS sha256,
       encode(a.metadata_sha256, 'hex') AS metadata_sha256, rfc3339(a.uploaded_at) AS uploaded_at,
       file_requires_python(a, r) AS requires_python, r.yanked_at IS NOT NULL AS yanked, r.yanked_reason
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.state = 'live'
  JOIN artifacts a ON a.release_id = r.id
 WHERE p.name = $1 AND p.status <> 'quarantined'
 ORDER BY r.version_key, a.filename
