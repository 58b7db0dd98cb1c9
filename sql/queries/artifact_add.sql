-- Adds an artifact to a release, with its change and audit event. No row when the release is not there
-- or takes no files. A unique violation when the file name is taken.
-- parameters: package text, version text, filename text, kind text, size int8, sha256 bytea,
--   tags text[], metadata text, actor text
-- columns: epoch text, serial int8
-- shape: optional
-- writes: yes
WITH release AS (
    SELECT r.id, p.name, r.version
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.version = $2 AND r.state = 'live'
     WHERE p.name = $1 AND p.status IN ('active', 'deprecated')
), added AS (
    INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by)
    SELECT release.id, $3, $4, $5, $6, $7, $8, $9 FROM release
    RETURNING filename, kind, encode(sha256, 'hex') AS digest
)
SELECT c.current_epoch AS epoch, c.new_serial AS serial
  FROM added, release,
       record_change('artifact', release.name, release.version, '{}', $9,
                     jsonb_build_object('filename', added.filename, 'kind', added.kind,
                                        'sha256', added.digest)) AS c
