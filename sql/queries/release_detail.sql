-- One release, also a quarantined one, with its document, and whether it has files.
-- parameters: package text, version text
-- columns: package text, version text, prerelease bool, yanked bool, yanked_reason text,
--   state text, state_reason text, requires_python text, published_at text, published_by text, digest text, document text, has_file bool, has_wheel bool
-- shape: optional
SELECT p.name AS package, r.version, r.prerelease, r.yanked_at IS NOT NULL AS yanked,
       r.yanked_reason, r.state, r.state_reason, r.requires_python, rfc3339(r.published_at) AS published_at, r.published_by,
       encode(r.digest, 'hex') AS digest, r.document,
       EXISTS (SELECT FROM artifacts a WHERE a.release_id = r.id) AS has_file,
       EXISTS (SELECT FROM artifacts a WHERE a.release_id = r.id AND a.kind = 'wheel') AS has_wheel
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.version = $2
 WHERE p.name = $1
