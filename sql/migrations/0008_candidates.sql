-- What a resolution chooses from, read often and by the hundred thousand: the requirements of a release
-- beside its document, which may be long, and one view of everything that selection asks of a release.

ALTER TABLE releases
    ADD COLUMN requires_dist text GENERATED ALWAYS AS ((document::jsonb -> 'requires_dist')::text) STORED;
COMMENT ON COLUMN releases.requires_dist IS 'JSON array of the document; NULL when it has none';

-- One row for every entry point of every release; a release without any has one with NULLs.
CREATE VIEW candidates AS
    SELECT p.id AS package_id, p.name AS package, p.display_name, p.status, p.status_reason,
           p.replaced_by, r.version, r.version_key, r.prerelease,
           CASE WHEN r.yanked_at IS NOT NULL THEN coalesce(r.yanked_reason, '') END AS yanked,
           CASE WHEN r.state = 'quarantined' THEN coalesce(r.state_reason, '') END AS quarantined,
           (extract(epoch FROM r.published_at) * 1000)::int8 AS published_ms,
           r.requires_python, r.requires_dist, files.wheel_tags, files.has_sdist,
           e.group_name AS entry_group, e.name AS entry_name, e.value AS entry_value,
           e.manifest AS entry_manifest
      FROM packages p
      JOIN releases r ON r.package_id = p.id
     CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT tag.name, ' ' ORDER BY tag.name)
                   FILTER (WHERE a.kind = 'wheel') AS wheel_tags,
               coalesce(bool_or(a.kind = 'sdist'), false) AS has_sdist
          FROM artifacts a
          LEFT JOIN LATERAL unnest(a.tags) AS tag (name) ON true
         WHERE a.release_id = r.id
     ) files
      LEFT JOIN entry_points e ON e.release_id = r.id;
