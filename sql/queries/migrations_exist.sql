-- Whether any migration was ever applied.
-- columns: found bool
-- shape: one
SELECT to_regclass('schema_migrations') IS NOT NULL AS found
