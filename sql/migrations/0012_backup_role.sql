-- A role for backups of the private PostgreSQL: it reads everything and writes nothing, so the user that
-- registryd runs as needs no superuser to save the registry. The owner calls this at every start.

-- REPLICATION is what pg_basebackup needs; SELECT on all tables and sequences is what pg_dump needs.
CREATE FUNCTION admit_backup(role_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    place text := current_schema();
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I LOGIN REPLICATION', role_name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, role_name);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', place, role_name);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', place, role_name);
END
$$;
