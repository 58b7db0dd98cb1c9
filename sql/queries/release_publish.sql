-- Publishes a release: package, release, entry points, change and audit event, or nothing. No row
-- when the package takes no releases or the version is there already; a unique violation when
-- somebody else published the version in the same moment.
-- parameters: name text, display_name text, version text, version_key bytea, prerelease bool,
--   requires_python text, summary text, document text, digest bytea, actor text,
--   entry_groups text[], entry_names text[], entry_values text[], entry_manifests text[]
-- columns: epoch text, serial int8
-- shape: optional
-- writes: yes
WITH package AS (
    INSERT INTO packages AS p (name, display_name, release_count) VALUES ($1, $2, 1)
    ON CONFLICT (name) DO UPDATE
        SET display_name = excluded.display_name,
            release_count = p.release_count + 1,
            updated_at = now()
      WHERE p.status IN ('active', 'deprecated')
        AND NOT EXISTS (SELECT FROM releases r WHERE r.package_id = p.id AND r.version_key = $4)
    RETURNING p.id
), release AS (
    INSERT INTO releases (package_id, version, version_key, prerelease, requires_python, summary,
                          document, digest, published_by)
    SELECT package.id, $3, $4, $5, $6, $7, $8, $9, $10 FROM package
    RETURNING id, package_id
), entry AS (
    INSERT INTO entry_points (release_id, group_name, name, value, manifest)
    SELECT release.id, e.group_name, e.name, e.value, e.manifest
      FROM release, unnest($11, $12, $13, $14) AS e (group_name, name, value, manifest)
    RETURNING 1
), group_entry AS (
    INSERT INTO group_entries (group_name, package_id, name)
    SELECT e.group_name, release.package_id, e.name
      FROM release, unnest($11, $12) AS e (group_name, name)
    ON CONFLICT DO NOTHING
    RETURNING 1
), written AS ( -- counted, so that the counter row is locked after everything else is written
    SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM group_entry) AS rows
)
SELECT c.current_epoch AS epoch, c.new_serial AS serial
  FROM release, written,
       record_change('publish', $1, $3,
                     ARRAY(SELECT DISTINCT g FROM unnest($11) AS g WHERE written.rows >= 0
                            ORDER BY g),
                     $10, jsonb_build_object('digest', encode($9, 'hex'))) AS c
