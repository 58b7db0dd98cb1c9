-- Completes a release by what its first file says: document, entry points, change and audit event. No row when
-- the release is another one than the caller compared with, or a file has completed it meanwhile: any file, or,
-- for a wheel, a wheel. Locks the release, then the registry row.
-- parameters: package text, version text, expected_digest bytea, is_wheel int8, document text, digest bytea,
--   requires_python text, summary text, entry_groups text[], entry_names text[], entry_values text[],
--   entry_manifests text[], actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH release AS MATERIALIZED (
    SELECT r.id, r.package_id, p.name, r.version, r.digest
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.version = $2
     WHERE p.name = $1 AND p.status IN ('active', 'deprecated')
       AND r.state = 'live' AND r.digest = $3
       AND NOT EXISTS (SELECT FROM artifacts a
                        WHERE a.release_id = r.id AND (a.kind = 'wheel' OR $4 = 0))
       FOR NO KEY UPDATE OF r
), completed AS (
    UPDATE releases r
       SET document = $5, digest = $6, requires_python = $7, summary = $8,
           first_digest = coalesce(r.first_digest, r.digest), completed_at = now()
      FROM release
     WHERE r.id = release.id
    RETURNING r.id
), entry AS (
    INSERT INTO entry_points AS e (release_id, group_name, name, value, manifest)
    SELECT completed.id, n.group_name, n.name, n.value, n.manifest
      FROM completed, unnest($9, $10, $11, $12) AS n (group_name, name, value, manifest)
    ON CONFLICT (release_id, group_name, name) DO UPDATE
        SET manifest = excluded.manifest
      WHERE e.manifest IS DISTINCT FROM excluded.manifest
    RETURNING 1
), group_entry AS (
    INSERT INTO group_entries (group_name, package_id, name)
    SELECT n.group_name, release.package_id, n.name
      FROM release, completed, unnest($9, $10) AS n (group_name, name)
    ON CONFLICT DO NOTHING
    RETURNING 1
), counted AS ( -- so that the counter row is locked after everything else is written
    SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM group_entry) AS rows
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM counted, release, completed,
       record_change('release-completed', release.name, release.version,
                     ARRAY(SELECT DISTINCT n.group_name FROM unnest($9) AS n (group_name)
                            WHERE counted.rows >= 0 ORDER BY n.group_name),
                     $13, jsonb_build_object('digest', encode($6, 'hex'),
                                             'digest_before', encode(release.digest, 'hex'))) AS c
