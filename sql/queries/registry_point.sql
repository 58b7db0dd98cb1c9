-- Where the registry stands.
-- columns: epoch text, serial int8
-- shape: one
SELECT registry.epoch::text AS epoch, registry.serial FROM registry
