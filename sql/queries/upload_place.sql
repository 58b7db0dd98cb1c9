-- What stands around an upload before its file is read: the file of its name, if there is one, whether its
-- package or release is quarantined, and whether the first file of the release is older than `open_days` (0: never).
-- parameters: filename text, package text, version text, open_days int8
-- columns: epoch text, epoch_number int8, serial int8, package text, version text, sha256 text, quarantined bool, closed bool
-- shape: one
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial, op.name AS package, o.version,
       encode(a.sha256, 'hex') AS sha256,
       coalesce(p.status = 'quarantined', false) OR coalesce(r.state = 'quarantined', false)
           AS quarantined,
       coalesce($4 > 0 AND (SELECT min(f.uploaded_at) FROM artifacts f WHERE f.release_id = r.id)
                           < now() - make_interval(days => $4::int), false) AS closed
  FROM registry
  LEFT JOIN artifacts a ON a.filename = $1
  LEFT JOIN releases o ON o.id = a.release_id
  LEFT JOIN packages op ON op.id = o.package_id
  LEFT JOIN packages p ON p.name = $2
  LEFT JOIN releases r ON r.package_id = p.id AND r.version = $3
