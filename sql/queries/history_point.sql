-- Where the registry stands.
-- columns: epoch text, serial int8
-- shape: one
SELECT epoch::text AS epoch, serial FROM registry
