-- The migrations this database has had.
-- columns: version int4, name text, checksum text
-- shape: many
SELECT version, name, checksum FROM schema_migrations ORDER BY version
