-- What a database must be before it is migrated, and whether it ever was.
-- columns: migrated bool, encoding text, server_version int4
-- shape: one
SELECT to_regclass('schema_migrations') IS NOT NULL AS migrated,
       current_setting('server_encoding') AS encoding,
       current_setting('server_version_num')::int4 AS server_version
