-- Metadata belongs to the file. Wheels of one release may require other packages or another Python than the release
-- says, as wheels for several platforms do; hosts get the file that fits them.

ALTER TABLE artifacts ADD COLUMN own_terms jsonb;
COMMENT ON COLUMN artifacts.own_terms IS
    '{"requires_python", "requires_dist"} of a file that says something else than its release; NULL of all others';

CREATE FUNCTION file_requires_python(file artifacts, release releases) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN file.own_terms IS NULL THEN release.requires_python
                ELSE file.own_terms ->> 'requires_python' END
$$;

CREATE FUNCTION file_requires_dist(file artifacts, release releases) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN file.own_terms IS NULL THEN release.requires_dist
                ELSE (file.own_terms -> 'requires_dist')::text END
$$;

-- The files of a release of which any has terms of its own, in the order in which installers prefer them: wheels for a
-- platform, wheels for any, the source distribution.
CREATE FUNCTION file_terms(of_release releases) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('file', a.filename, 'sdist', a.kind = 'sdist',
                                        'tags', array_to_string(a.tags, ' '),
                                        'requires_python', file_requires_python(a, of_release),
                                        'requires_dist', file_requires_dist(a, of_release))
                     ORDER BY a.kind = 'sdist', a.filename LIKE '%-any.whl', a.filename)::text
      FROM artifacts a
     WHERE a.release_id = of_release.id
$$;

-- The same, with the terms of files behind the columns that there were.
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
           CASE WHEN files.differ THEN file_terms(r) END AS file_terms
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
