-- The same, with whether a package came into folders of another one. Only what holds such a package is looked at for
-- paths that two packages hold.

CREATE OR REPLACE VIEW candidates AS
    SELECT p.id AS package_id, p.name AS package, p.display_name, p.status, p.status_reason,
           p.replaced_by, r.version, r.version_key, r.prerelease,
           CASE WHEN r.yanked_at IS NOT NULL THEN coalesce(r.yanked_reason, '') END AS yanked,
           CASE WHEN r.state = 'quarantined' THEN coalesce(r.state_reason, '') END AS quarantined,
           (extract(epoch FROM r.published_at) * 1000)::int8 AS published_ms,
           r.requires_python, r.requires_dist, files.wheel_tags, files.has_sdist,
           e.group_name AS entry_group, e.name AS entry_name, e.value AS entry_value,
           e.manifest AS entry_manifest,
           p.owner, (extract(epoch FROM p.status_at) * 1000)::int8 AS status_ms, p.status_by,
           (extract(epoch FROM r.yanked_at) * 1000)::int8 AS yanked_ms, r.yanked_by,
           (extract(epoch FROM r.state_at) * 1000)::int8 AS quarantined_ms,
           r.state_by AS quarantined_by, r.id AS release_id,
           CASE WHEN files.differ THEN file_terms(r) END AS file_terms,
           EXISTS (SELECT FROM path_sharers s WHERE s.package_id = p.id) AS shares_paths
      FROM packages p
      JOIN releases r ON r.package_id = p.id
     CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT tag.name, ' ' ORDER BY tag.name)
                   FILTER (WHERE a.kind = 'wheel') AS wheel_tags,
               coalesce(bool_or(a.kind = 'sdist'), false) AS has_sdist,
               coalesce(bool_or(a.own_terms IS NOT NULL), false) AS differ
          FROM artifacts a
          LEFT JOIN LATERAL unnest(a.tags) AS tag (name) ON true
         WHERE a.release_id = r.id
     ) files
      LEFT JOIN entry_points e ON e.release_id = r.id;
