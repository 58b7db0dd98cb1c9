-- What is there of a package, one of its releases, and a successor. One row always.
-- parameters: package text, version text, replaced_by text
-- columns: epoch text, epoch_number int8, serial int8, has_package bool, has_release bool, has_successor bool
-- shape: one
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial,
       EXISTS (SELECT FROM packages p WHERE p.name = $1) AS has_package,
       EXISTS (SELECT FROM packages p
                 JOIN releases r ON r.package_id = p.id AND r.version = $2
                WHERE p.name = $1) AS has_release,
       EXISTS (SELECT FROM packages p WHERE p.name = $3) AS has_successor
  FROM registry
