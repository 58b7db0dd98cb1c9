-- Adds an artifact to a release, with its change and audit event. No row when the release is not there
-- or takes no files. A unique violation when the file name is taken. With uploaded_at (of an import) the file, and
-- a release that this transaction wrote, get that time. `own_terms`: where they are not those of the release.
-- parameters: package text, version text, filename text, kind text, size int8, sha256 bytea,
--   tags text[], metadata text, actor text, uploaded_at text, own_terms text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH release AS (
    SELECT r.id, p.name, r.version
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.version = $2 AND r.state = 'live'
     WHERE p.name = $1 AND p.status IN ('active', 'deprecated')
), added AS (
    INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by,
                           uploaded_at, own_terms)
    SELECT release.id, $3, $4, $5, $6, $7, $8, $9, coalesce($10::timestamptz, now()),
           $11::jsonb
      FROM release
    RETURNING filename, kind, encode(sha256, 'hex') AS digest
), dated AS (
    UPDATE releases r SET published_at = $10::timestamptz
      FROM release
     WHERE r.id = release.id AND r.published_at = now() AND $10 IS NOT NULL
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM added, release,
       record_change('artifact', release.name, release.version, '{}', $9,
                     jsonb_build_object('filename', added.filename, 'kind', added.kind,
                                        'sha256', added.digest)
                     || CASE WHEN $10 IS NULL THEN '{}'::jsonb
                             ELSE jsonb_build_object('imported', true, 'uploaded_at', $10) END) AS c
