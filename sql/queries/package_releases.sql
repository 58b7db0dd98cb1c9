-- The releases of a package, newest first, also the quarantined ones.
-- parameters: name text
-- columns: version text, prerelease bool, yanked bool, yanked_reason text, state text,
--   state_reason text, requires_python text, published_at text, published_by text, digest text
-- shape: many
SELECT r.version, r.prerelease, r.yanked_at IS NOT NULL AS yanked, r.yanked_reason,
       r.state, r.state_reason, r.requires_python, rfc3339(r.published_at) AS published_at,
       r.published_by, encode(r.digest, 'hex') AS digest
  FROM releases r
 WHERE r.package_id = (SELECT p.id FROM packages p WHERE p.name = $1)
 ORDER BY r.version_key DESC
