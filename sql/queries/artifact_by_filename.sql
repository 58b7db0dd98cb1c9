-- The artifact of a file name, with where the registry stands.
-- parameters: filename text
-- columns: epoch text, epoch_number int8, serial int8, package text, version text, sha256 text
-- shape: optional
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial, p.name AS package, r.version,
       encode(a.sha256, 'hex') AS sha256
  FROM artifacts a
  JOIN releases r ON r.id = a.release_id
  JOIN packages p ON p.id = r.package_id
 CROSS JOIN registry
 WHERE a.filename = $1
