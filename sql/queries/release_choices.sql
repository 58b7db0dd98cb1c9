-- The live releases of packages, newest first, as far as pins and Python select them.
-- parameters: names text[]
-- columns: package text, version text, prerelease bool, yanked bool, requires_python text
-- shape: many
SELECT p.name AS package, r.version, r.prerelease, r.yanked_at IS NOT NULL AS yanked,
       r.requires_python
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.state = 'live'
 WHERE p.name = ANY ($1)
 ORDER BY p.name, r.version_key DESC
