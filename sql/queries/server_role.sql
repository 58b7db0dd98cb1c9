-- Whether the server is a standby. A pooler may answer for one what it has heard of another, so it is asked.
-- columns: is_standby bool
-- shape: one
SELECT pg_is_in_recovery() AS is_standby
