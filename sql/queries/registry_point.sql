-- Where the registry stands.
-- columns: epoch text, epoch_number int8, serial int8
-- shape: one
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial FROM registry
