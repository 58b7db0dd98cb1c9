-- The life of packages and releases, the contracts of groups, and what a change says of them: the
-- environment it is in, and the reason somebody gave.

ALTER TABLE packages
    ADD COLUMN status_reason text CHECK (octet_length(status_reason) BETWEEN 1 AND 1000),
    ADD COLUMN replaced_by text COLLATE "C" REFERENCES packages (name),
    ADD CONSTRAINT packages_active CHECK (status <> 'active'
                                          OR (status_reason IS NULL AND replaced_by IS NULL)),
    ADD CONSTRAINT packages_replaced CHECK (replaced_by <> name);
COMMENT ON COLUMN packages.replaced_by IS 'the package to use instead';

ALTER TABLE releases
    ADD COLUMN state_reason text CHECK (octet_length(state_reason) BETWEEN 1 AND 1000),
    ADD CONSTRAINT releases_live CHECK (state <> 'live' OR state_reason IS NULL);

-- What the owner of a group promises its hosts. A group needs no row: it is there as soon as a release
-- has an entry point in it, and without a row everything is allowed.
CREATE TABLE groups (
    group_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(group_name) BETWEEN 1 AND 200),
    owner text CHECK (octet_length(owner) BETWEEN 1 AND 1000),
    description text CHECK (octet_length(description) BETWEEN 1 AND 10000),
    name_pattern text CHECK (octet_length(name_pattern) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind IN ('any', 'module', 'callable')),
    conflict text NOT NULL CHECK (conflict IN ('all', 'error', 'first', 'priority')),
    priority text[] NOT NULL,
    manifest_schema text,
    revision bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
COMMENT ON COLUMN groups.priority IS 'names of packages, the strongest first';
COMMENT ON COLUMN groups.revision IS 'counts the changes of the contract; publishers name those they keep';
COMMENT ON COLUMN groups.manifest_schema IS 'JSON Schema, as text; kept for hosts';

ALTER TABLE changes
    ADD COLUMN environment text COLLATE "C",
    ADD COLUMN reason text;
CREATE INDEX changes_package ON changes (package, serial) WHERE package IS NOT NULL;

-- As before; and a change may name its environment, and the reason somebody gave for it.
DROP FUNCTION record_change(text, text, text, text[], text, jsonb);
CREATE FUNCTION record_change(kind text, package text, version text, groups text[], actor text,
                              detail jsonb, environment text DEFAULT NULL,
                              reason text DEFAULT NULL,
                              OUT new_serial bigint, OUT current_epoch text)
LANGUAGE plpgsql AS $$
DECLARE
    subject text := concat_ws(' ', environment, package, version);
BEGIN
    UPDATE registry r SET serial = r.serial + 1
    RETURNING r.serial, r.epoch::text INTO STRICT new_serial, current_epoch;
    INSERT INTO changes (serial, kind, package, version, groups, at, environment, reason)
    VALUES (new_serial, kind, package, version, groups, clock_timestamp(), environment, reason);
    PERFORM record_audit(actor, kind,
                         CASE subject WHEN '' THEN array_to_string(groups, ' ') ELSE subject END,
                         detail);
    PERFORM pg_notify('registry_changes', new_serial::text);
END
$$;

-- Every group a package ever had an entry point in: whom a change of the package concerns.
CREATE FUNCTION groups_of_package(package bigint) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT g.group_name ORDER BY g.group_name), '{}')
      FROM group_entries g WHERE g.package_id = package
$$;
