-- Why a release was not published: the package's status, the version that is there, whether it is
-- the same. One row always; NULLs for what is not there.
-- parameters: name text, version_key bytea, digest bytea
-- columns: epoch text, serial int8, status text, version text, same bool
-- shape: one
SELECT registry.epoch::text AS epoch, registry.serial, p.status, r.version,
       coalesce(r.digest = $3, false) AS same
  FROM registry
  LEFT JOIN packages p ON p.name = $1
  LEFT JOIN releases r ON r.package_id = p.id AND r.version_key = $2
