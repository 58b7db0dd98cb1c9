-- Where the bytes of a file are, and whether its package or release is quarantined. Without an object they are in the
-- database.
-- parameters: sha256 bytea, filename text
-- columns: size int8, piece_bytes int8, object_key text, quarantined bool
-- shape: optional
SELECT b.size, b.piece_bytes, coalesce(o.key, '') AS object_key,
       r.state = 'quarantined' OR p.status = 'quarantined' AS quarantined
  FROM artifacts a
  JOIN blobs b ON b.sha256 = a.sha256
  LEFT JOIN blob_objects o ON o.sha256 = b.sha256
  JOIN releases r ON r.id = a.release_id
  JOIN packages p ON p.id = r.package_id
 WHERE a.filename = $2 AND a.sha256 = $1
