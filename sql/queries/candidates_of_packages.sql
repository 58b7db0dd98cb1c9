-- Packages with all their releases, newest first, and their entry points of all groups. One row of NULLs
-- beside the point when there are none.
-- parameters: package_ids int8[]
-- columns: epoch text, epoch_number int8, serial int8, package_id int8, package text, display_name text, status text,
--   status_reason text, replaced_by text, version text, prerelease bool, yanked text,
--   quarantined text, published_ms int8, requires_python text, requires_dist text, wheel_tags text,
--   has_sdist bool, entry_group text, entry_name text, entry_value text, entry_manifest text,
--   owner text, status_ms int8, status_by text, yanked_ms int8, yanked_by text, quarantined_ms int8,
--   quarantined_by text, release_id int8, file_terms text, shares_paths bool
-- shape: stream
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial, c.package_id, c.package, c.display_name,
       c.status, c.status_reason, c.replaced_by, c.version, c.prerelease, c.yanked, c.quarantined,
       c.published_ms, c.requires_python, c.requires_dist, c.wheel_tags, c.has_sdist,
       c.entry_group, c.entry_name, c.entry_value, c.entry_manifest, c.owner,
       c.status_ms, c.status_by, c.yanked_ms, c.yanked_by, c.quarantined_ms, c.quarantined_by,
       c.release_id, c.file_terms, c.shares_paths
  FROM registry
  LEFT JOIN candidates c ON c.package_id = ANY ($1)
 ORDER BY c.package_id, c.version_key DESC, c.entry_group, c.entry_name
