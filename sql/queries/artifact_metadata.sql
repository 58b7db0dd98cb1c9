-- The metadata of a wheel, and whether its package or release is quarantined.
-- parameters: sha256 bytea, filename text
-- columns: metadata text, metadata_sha256 text, quarantined bool
-- shape: optional
SELECT a.metadata, encode(a.metadata_sha256, 'hex') AS metadata_sha256,
       r.state = 'quarantined' OR p.status = 'quarantined' AS quarantined
  FROM artifacts a
  JOIN releases r ON r.id = a.release_id
  JOIN packages p ON p.id = r.package_id
 WHERE a.filename = $2 AND a.sha256 = $1 AND a.kind = 'wheel'
