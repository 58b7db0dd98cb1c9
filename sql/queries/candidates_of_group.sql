-- Every package that ever had an entry point in the group, with its live releases, newest first, and
-- their entry points in the group. One row of NULLs beside the point when there are none.
-- parameters: group_name text
-- columns: epoch text, serial int8, package text, display_name text, status text, version text,
--   prerelease bool, yanked bool, requires_python text, entry_name text, entry_value text,
--   entry_manifest text
-- shape: stream
SELECT registry.epoch::text AS epoch, registry.serial, c.package, c.display_name, c.status,
       c.version, c.prerelease, c.yanked, c.requires_python, c.entry_name, c.entry_value,
       c.entry_manifest
  FROM registry
  LEFT JOIN (
    SELECT p.name AS package, p.display_name, p.status, r.version, r.version_key, r.prerelease,
           r.yanked_at IS NOT NULL AS yanked, r.requires_python, e.name AS entry_name,
           e.value AS entry_value, e.manifest AS entry_manifest
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.state = 'live'
      LEFT JOIN entry_points e ON e.release_id = r.id AND e.group_name = $1
     WHERE p.id IN (SELECT g.package_id FROM group_entries g WHERE g.group_name = $1)
  ) c ON true
 ORDER BY c.package, c.version_key DESC, c.entry_name
