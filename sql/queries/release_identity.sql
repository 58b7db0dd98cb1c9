-- Why a release was not published: the package's status and owner, the version that is there, whether it is
-- the same release, the reservation that the name falls under, another package whose name looks like it, and
-- the sum of the revisions of the contracts of its groups. One row always; NULLs for what is not there.
-- parameters: name text, version_key bytea, digest bytea, groups text[]
-- columns: epoch text, epoch_number int8, serial int8, status text, owner text, version text, same bool,
--   confusable text, reserved text, reserved_for text, contract_revision int8
-- shape: one
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial, p.status, p.owner, r.version,
       coalesce(r.digest = $3, false) AS same,
       (SELECT c.name FROM packages c
         WHERE lookalike_form(c.name) = lookalike_form($1) AND NOT c.shares_form
           AND c.name <> $1) AS confusable,
       n.reserved, n.team AS reserved_for, groups_revision($4) AS contract_revision
  FROM registry
 CROSS JOIN LATERAL reservation_of($1) AS n
  LEFT JOIN packages p ON p.name = $1
  LEFT JOIN releases r ON r.package_id = p.id AND r.version_key = $2
