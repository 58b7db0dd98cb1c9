-- The live releases of a package, newest first.
-- parameters: name text
-- columns: version text, prerelease bool, yanked bool, yanked_reason text, requires_python text,
--   published_at text, published_by text, digest text
-- shape: many
SELECT r.version, r.prerelease, r.yanked_at IS NOT NULL AS yanked, r.yanked_reason,
       r.requires_python, rfc3339(r.published_at) AS published_at, r.published_by,
       encode(r.digest, 'hex') AS digest
  FROM releases r
 WHERE r.package_id = (SELECT p.id FROM packages p WHERE p.name = $1) AND r.state = 'live'
 ORDER BY r.version_key DESC
