-- Epochs have a number, so that clients need not compare clocks: a later history has a higher one. And every
-- transaction that counts checks that the server still is the one that the epoch was counted on.

ALTER TABLE registry ADD COLUMN epoch_number bigint NOT NULL DEFAULT 0 CHECK (epoch_number >= 0);
COMMENT ON COLUMN registry.epoch_number IS 'higher than that of every epoch before; 0 before the first start';
UPDATE registry SET epoch_number = extract(epoch FROM clock_timestamp())::bigint WHERE history <> '';

-- Reads the control file, so it is asked once a session: a running server cannot become another system.
CREATE FUNCTION remember_system() RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT set_config('registryd.system', system_identifier::text, false) FROM pg_control_system()
$$;

-- The system identifier and the timeline of this server, as the column history holds them. The name of the file
-- that is written now has the timeline from the moment of a promotion on; the control file has it later.
CREATE FUNCTION history_now() RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(nullif(current_setting('registryd.system', true), ''), remember_system())
           || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
$$;

-- Called with the registry row's history by whoever has locked that row to count on. Before the first start
-- there is none.
CREATE FUNCTION check_history(counted text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF counted <> '' AND counted <> history_now() THEN
        RAISE EXCEPTION 'the rows were counted on % and this server is %', counted, history_now()
              USING ERRCODE = 'RD001';
    END IF;
END
$$;

-- As before, after a check of the history.
CREATE OR REPLACE FUNCTION record_audit(actor text, action text, subject text, detail jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    event_id bigint;
    previous bytea;
    moment timestamptz;
    chained bytea;
    counted text;
BEGIN
    SELECT r.audit_count + 1, r.audit_head, r.history INTO STRICT event_id, previous, counted
      FROM registry r FOR NO KEY UPDATE;
    PERFORM check_history(counted);
    moment := clock_timestamp();
    chained := audit_hash(previous, event_id, moment, actor, action, subject, detail);
    INSERT INTO audit_events (id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES (event_id, moment, actor, action, subject, detail, previous, chained);
    UPDATE registry SET audit_count = event_id, audit_head = chained;
    RETURN event_id;
END
$$;

-- As before, after a check of the history; and the epoch's number comes with its id.
DROP FUNCTION record_change(text, text, text, text[], text, jsonb, text, text);
CREATE FUNCTION record_change(kind text, package text, version text, groups text[], actor text,
                              detail jsonb, environment text DEFAULT NULL,
                              reason text DEFAULT NULL,
                              OUT new_serial bigint, OUT current_epoch text, OUT current_number bigint)
LANGUAGE plpgsql AS $$
DECLARE
    subject text := concat_ws(' ', environment, package, version);
    event_id bigint;
    previous bytea;
    moment timestamptz;
    chained bytea;
    counted text;
BEGIN
    IF subject = '' THEN
        subject := array_to_string(groups, ' ');
    END IF;
    SELECT r.serial + 1, r.epoch::text, r.epoch_number, r.audit_count + 1, r.audit_head, r.history
      INTO STRICT new_serial, current_epoch, current_number, event_id, previous, counted
      FROM registry r FOR NO KEY UPDATE;
    PERFORM check_history(counted);
    moment := clock_timestamp();
    chained := audit_hash(previous, event_id, moment, actor, kind, subject, detail);
    INSERT INTO changes (serial, kind, package, version, groups, at, environment, reason)
    VALUES (new_serial, kind, package, version, groups, moment, environment, reason);
    INSERT INTO audit_events (id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES (event_id, moment, actor, kind, subject, detail, previous, chained);
    UPDATE registry SET serial = new_serial, audit_count = event_id, audit_head = chained;
    PERFORM pg_notify('registry_changes', new_serial::text);
END
$$;

-- As before, with the number of the epoch.
DROP FUNCTION hold_set(boolean, text, text, text);
CREATE FUNCTION hold_set(of_group boolean, held_name text, why text, actor text,
                         OUT epoch text, OUT epoch_number int8, OUT serial int8) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    is_changed boolean;
BEGIN
    IF why IS NULL THEN
        DELETE FROM holds h WHERE h.is_group = of_group AND h.name = held_name;
    ELSE
        LOCK TABLE releases IN SHARE MODE;
        INSERT INTO holds AS h (is_group, name, after_release, reason, held_at, held_by)
        SELECT of_group, held_name, coalesce(max(r.id), 0), why, clock_timestamp(), actor FROM releases r
        ON CONFLICT (is_group, name) DO UPDATE SET reason = why WHERE h.reason <> why;
    END IF;
    is_changed := FOUND;
    IF is_changed THEN
        SELECT c.current_epoch, c.current_number, c.new_serial INTO epoch, epoch_number, serial
          FROM record_change(CASE WHEN why IS NULL THEN 'unhold' ELSE 'hold' END,
                             CASE WHEN NOT of_group THEN held_name END, NULL,
                             CASE WHEN of_group THEN ARRAY[held_name]
                                  ELSE coalesce((SELECT groups_of_package(p.id) FROM packages p
                                                  WHERE p.name = held_name), '{}') END,
                             actor, jsonb_build_object('reason', why), reason => why) AS c;
        RETURN NEXT;
    END IF;
END
$$;

DROP FUNCTION entry_state_set(text, text, text, boolean, text, text, boolean, text);
CREATE FUNCTION entry_state_set(of_package text, of_group text, old_name text, of_alias boolean, why text, leads_to text,
                                is_set boolean, actor text, OUT epoch text, OUT epoch_number int8, OUT serial int8) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    place int8 := (SELECT p.id FROM packages p WHERE p.name = of_package);
BEGIN
    IF is_set THEN
        INSERT INTO entry_states AS e (package_id, group_name, name, is_alias, message, successor, changed_at, changed_by)
        SELECT place, of_group, old_name, of_alias, why, leads_to, clock_timestamp(), actor WHERE place IS NOT NULL
        ON CONFLICT (package_id, group_name, name, is_alias)
        DO UPDATE SET message = why, successor = leads_to, changed_at = clock_timestamp(), changed_by = actor
         WHERE (e.message, e.successor) IS DISTINCT FROM (why, leads_to);
    ELSE
        DELETE FROM entry_states e
         WHERE e.package_id = place AND e.group_name = of_group AND e.name = old_name AND e.is_alias = of_alias;
    END IF;
    IF FOUND THEN
        SELECT c.current_epoch, c.current_number, c.new_serial INTO epoch, epoch_number, serial
          FROM record_change(CASE WHEN of_alias THEN CASE WHEN is_set THEN 'alias' ELSE 'unalias' END
                                  WHEN is_set THEN 'entry-deprecate' ELSE 'entry-undeprecate' END,
                             of_package, NULL, ARRAY[of_group], actor,
                             jsonb_build_object('group', of_group, 'name', old_name, 'message', why,
                                                'successor', leads_to), reason => why) AS c;
        RETURN NEXT;
    END IF;
END
$$;
