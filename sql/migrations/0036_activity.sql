-- Activity: a change names who made it, and changes are found by group, environment, actor and kind without a scan.

-- Who administers rights stands in the audit alone: such changes have no actor here, as they have no subject.
ALTER TABLE changes ADD COLUMN actor text COLLATE "C", ADD COLUMN detail text;
COMMENT ON COLUMN changes.actor IS 'who made the change; NULL for changes of rights, which only the audit names';
COMMENT ON COLUMN changes.detail IS 'an environment''s change in words; of others the file, entry point or team that they are about';

CREATE FUNCTION change_detail(detail jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(detail ->> 'summary', detail ->> 'filename', detail ->> 'name', detail ->> 'team')
$$;

-- Both rows of a change were written with one time.
ALTER TABLE changes DISABLE TRIGGER changes_kept;
UPDATE changes c SET actor = a.actor, detail = change_detail(a.detail)
  FROM audit_events a WHERE a.at = c.at AND a.action = c.kind;
ALTER TABLE changes ENABLE TRIGGER changes_kept;

CREATE TABLE change_groups (
    group_name text COLLATE "C" NOT NULL,
    serial bigint NOT NULL,
    PRIMARY KEY (group_name, serial)
);
COMMENT ON TABLE change_groups IS 'changes.groups, one row a group';
INSERT INTO change_groups (group_name, serial) SELECT DISTINCT g.name, c.serial FROM changes c, unnest(c.groups) g (name);
CREATE TRIGGER change_groups_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON change_groups
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

CREATE INDEX changes_environment ON changes (environment, serial) WHERE environment IS NOT NULL;
CREATE INDEX changes_actor ON changes (actor, serial) WHERE actor IS NOT NULL;
CREATE INDEX changes_kind ON changes (kind, serial);

-- As before, with the actor and the detail, and a row for each group.
CREATE OR REPLACE FUNCTION record_change(kind text, package text, version text, groups text[], actor text,
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
    INSERT INTO changes (serial, kind, package, version, groups, at, environment, reason, actor, detail)
    VALUES (new_serial, kind, package, version, groups, moment, environment, reason, actor, change_detail(detail));
    IF cardinality(groups) > 0 THEN
        INSERT INTO change_groups (group_name, serial) SELECT DISTINCT g.name, new_serial FROM unnest(groups) g (name);
    END IF;
    INSERT INTO audit_events (id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES (event_id, moment, actor, kind, subject, detail, previous, chained);
    UPDATE registry SET serial = new_serial, audit_count = event_id, audit_head = chained;
    PERFORM pg_notify('registry_changes', new_serial::text);
END
$$;
