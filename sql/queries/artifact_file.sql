-- Where the bytes of a file are, unless its package or release is quarantined.
-- parameters: sha256 bytea, filename text
-- columns: size int8, piece_bytes int8
-- shape: optional
SELECT b.size, b.piece_bytes
  FROM artifacts a
  JOIN blobs b ON b.sha256 = a.sha256
  JOIN releases r ON r.id = a.release_id AND r.state = 'live'
  JOIN packages p ON p.id = r.package_id AND p.status <> 'quarantined'
 WHERE a.filename = $2 AND a.sha256 = $1
