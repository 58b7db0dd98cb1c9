-- A role for the running daemon that owns nothing: it cannot change the schema, and what may not be
-- rewritten it has no right to rewrite. The owner calls this at every start, after the migrations.

-- Makes the role when there is none, and gives it what it needs on the tables as they are now. Tables
-- whose rows are kept (refuse_rewriting) lose the rights to do what their trigger refuses.
CREATE FUNCTION admit_application(role_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept record;
    place text := current_schema();
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', role_name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', place,
                   role_name);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM %I', role_name);
    FOR kept IN
        SELECT t.tgrelid::regclass AS relation, t.tgtype & 8 > 0 AS refuses_delete,
               t.tgtype & 16 > 0 AND t.tgattr = '' AS refuses_update
          FROM pg_trigger t
         WHERE t.tgfoid = 'refuse_rewriting'::regproc
    LOOP
        IF kept.refuses_delete THEN
            EXECUTE format('REVOKE DELETE ON %s FROM %I', kept.relation, role_name);
        END IF;
        IF kept.refuses_update THEN
            EXECUTE format('REVOKE UPDATE ON %s FROM %I', kept.relation, role_name);
        END IF;
    END LOOP;
END
$$;
