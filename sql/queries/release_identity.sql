-- Why a release was not published: the package's status and owner, the version that is there, whether
-- it is the same, another package of a name that is taken for this one. One row always; NULLs for what is not there.
-- parameters: name text, version_key bytea, digest bytea
-- columns: epoch text, serial int8, status text, owner text, version text, same bool, confusable text
-- shape: one
SELECT registry.epoch::text AS epoch, registry.serial, p.status, p.owner, r.version,
       coalesce(r.digest = $3, false) AS same, c.name AS confusable
  FROM registry
  LEFT JOIN packages p ON p.name = $1
  LEFT JOIN packages c ON c.confusable = confusable_form($1) AND c.name <> $1
  LEFT JOIN releases r ON r.package_id = p.id AND r.version_key = $2
