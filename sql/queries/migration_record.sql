-- Records a migration, in the transaction that applied it.
-- parameters: version int8, name text, checksum text
-- shape: none
-- writes: yes
INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)
