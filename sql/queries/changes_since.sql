-- The changes after a serial, in order. One row of NULLs beside the point when there are none.
-- parameters: since int8, row_limit int8
-- columns: epoch text, epoch_number int8, current_serial int8, serial int8, kind text, package text, version text,
--   environment text, reason text, at text, groups text, actor text, detail text
-- shape: many
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial AS current_serial, c.serial, c.kind,
       c.package, c.version, c.environment, c.reason, rfc3339(c.at) AS at,
       array_to_string(c.groups, E'\n') AS groups, c.actor, c.detail
  FROM registry
  LEFT JOIN (SELECT * FROM changes WHERE serial > $1 ORDER BY serial LIMIT $2) c ON true
 ORDER BY c.serial
