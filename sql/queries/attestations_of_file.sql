-- The attestations of a file, and whether its package or release is quarantined.
-- parameters: sha256 bytea, filename text
-- columns: body text, quarantined bool
-- shape: optional
SELECT t.body, r.state = 'quarantined' OR p.status = 'quarantined' AS quarantined
  FROM artifacts a
  JOIN attestations t ON t.artifact_id = a.id
  JOIN releases r ON r.id = a.release_id
  JOIN packages p ON p.id = r.package_id
 WHERE a.filename = $2 AND a.sha256 = $1
