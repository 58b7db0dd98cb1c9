-- Why a release was not published: the package's status and owner, the version that is there, whether
-- it is the same, another package of a name that is taken for this one, and the sum of the revisions of
-- its groups' contracts. One row always; NULLs for what is not there.
-- parameters: name text, version_key bytea, digest bytea, groups text[]
-- columns: epoch text, serial int8, status text, owner text, version text, same bool,
--   confusable text, contract_revision int8
-- shape: one
SELECT registry.epoch::text AS epoch, registry.serial, p.status, p.owner, r.version,
       coalesce(r.digest = $3, false) AS same, c.name AS confusable,
       (SELECT coalesce(sum(g.revision), 0)::int8 FROM groups g WHERE g.group_name = ANY ($4))
         AS contract_revision
  FROM registry
  LEFT JOIN packages p ON p.name = $1
  LEFT JOIN packages c ON confusable_form(c.name) = confusable_form($1) AND c.name <> $1
  LEFT JOIN releases r ON r.package_id = p.id AND r.version_key = $2
