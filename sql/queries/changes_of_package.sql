-- The changes of one package after a serial, in order; otherwise as changes_since.
-- parameters: since int8, row_limit int8, package text
-- columns: epoch text, epoch_number int8, current_serial int8, serial int8, kind text, package text, version text,
--   environment text, reason text, at text, groups text
-- shape: many
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial AS current_serial, c.serial, c.kind,
       c.package, c.version, c.environment, c.reason, rfc3339(c.at) AS at,
       array_to_string(c.groups, E'\n') AS groups
  FROM registry
  LEFT JOIN (SELECT * FROM changes
              WHERE package = $3 AND serial > $1 ORDER BY serial LIMIT $2) c ON true
 ORDER BY c.serial
