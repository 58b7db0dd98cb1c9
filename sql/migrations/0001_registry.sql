-- The registry's first schema: packages, their releases and entry points, tokens, the feed of
-- changes and the audit chain. Names sort byte-wise whatever the database's locale is.

CREATE TABLE schema_migrations (
    version integer PRIMARY KEY CHECK (version > 0),
    name text NOT NULL,
    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- One row. Its lock is what puts changes in order: serial n+1 is taken only after n has committed.
-- Every change updates it, so there is room on its page for many versions of the row.
CREATE TABLE registry (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    history text NOT NULL DEFAULT '',
    serial bigint NOT NULL DEFAULT 0 CHECK (serial >= 0),
    audit_count bigint NOT NULL DEFAULT 0 CHECK (audit_count >= 0),
    audit_head bytea NOT NULL DEFAULT sha256('') CHECK (octet_length(audit_head) = 32)
) WITH (fillfactor = 10);
COMMENT ON COLUMN registry.history IS
    'system identifier and timeline the epoch was counted on; another one means a new epoch';
INSERT INTO registry DEFAULT VALUES;

CREATE TABLE packages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
        CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND octet_length(name) <= 100),
    display_name text NOT NULL CHECK (octet_length(display_name) BETWEEN 1 AND 100),
    status text NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'deprecated', 'archived', 'quarantined')),
    release_count bigint NOT NULL CHECK (release_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

-- 1.0 and 1.0.0 are one version to PEP 440 and have one key: a package cannot hold both.
CREATE TABLE releases (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    package_id bigint NOT NULL REFERENCES packages,
    version text COLLATE "C" NOT NULL CHECK (octet_length(version) BETWEEN 1 AND 300),
    version_key bytea NOT NULL CHECK (octet_length(version_key) BETWEEN 1 AND 1500),
    prerelease boolean NOT NULL,
    state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'quarantined')),
    yanked_at timestamptz,
    yanked_reason text,
    requires_python text,
    summary text,
    document text NOT NULL,
    content jsonb NOT NULL GENERATED ALWAYS AS (document::jsonb) STORED,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by text NOT NULL,
    CONSTRAINT releases_version UNIQUE (package_id, version),
    CONSTRAINT releases_version_key UNIQUE (package_id, version_key)
);
COMMENT ON COLUMN releases.version_key IS 'byte order is version order';
COMMENT ON COLUMN releases.digest IS 'SHA-256 of the canonical document without provenance';

CREATE TABLE entry_points (
    release_id bigint NOT NULL REFERENCES releases,
    group_name text COLLATE "C" NOT NULL CHECK (octet_length(group_name) BETWEEN 1 AND 200),
    name text COLLATE "C" NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
    value text NOT NULL CHECK (octet_length(value) BETWEEN 1 AND 1000),
    manifest text,
    PRIMARY KEY (release_id, group_name, name)
);
CREATE INDEX entry_points_group_name ON entry_points (group_name, name);

-- Which package ever had which entry point in a group: the way from a group to its packages without
-- reading a million entry points. Rows are only added.
CREATE TABLE group_entries (
    group_name text COLLATE "C" NOT NULL,
    package_id bigint NOT NULL REFERENCES packages,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (group_name, package_id, name)
);

CREATE TABLE tokens (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('admin')),
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE changes (
    serial bigint PRIMARY KEY CHECK (serial > 0),
    kind text NOT NULL,
    package text COLLATE "C",
    version text COLLATE "C",
    groups text[] NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE audit_events (
    id bigint PRIMARY KEY CHECK (id > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The release that stands for a package: the newest final one, else the newest; a yanked one only when
-- there is no other. NULL when every release is quarantined: such a package is not shown.
CREATE FUNCTION latest_release(package bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT r.id FROM releases r
          WHERE r.package_id = package AND r.state = 'live' AND r.yanked_at IS NULL
            AND NOT r.prerelease
          ORDER BY r.version_key DESC LIMIT 1),
        (SELECT r.id FROM releases r
          WHERE r.package_id = package AND r.state = 'live' AND r.yanked_at IS NULL
          ORDER BY r.version_key DESC LIMIT 1),
        (SELECT r.id FROM releases r
          WHERE r.package_id = package AND r.state = 'live'
          ORDER BY r.version_key DESC LIMIT 1))
$$;

-- The hash of an audit event: over the hash before it and every field.
CREATE FUNCTION audit_hash(previous bytea, id bigint, at timestamptz, actor text, action text,
                           subject text, detail jsonb) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(
        jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint, actor, action, subject,
                          detail)::text, 'UTF8'))
$$;

-- Adds one event to the audit chain. Holds the registry row until the end of the transaction.
CREATE FUNCTION record_audit(actor text, action text, subject text, detail jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    event_id bigint;
    previous bytea;
    moment timestamptz;
    chained bytea;
BEGIN
    SELECT r.audit_count + 1, r.audit_head INTO STRICT event_id, previous
      FROM registry r FOR NO KEY UPDATE;
    moment := clock_timestamp();
    chained := audit_hash(previous, event_id, moment, actor, action, subject, detail);
    INSERT INTO audit_events (id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES (event_id, moment, actor, action, subject, detail, previous, chained);
    UPDATE registry SET audit_count = event_id, audit_head = chained;
    RETURN event_id;
END
$$;

-- What every change to the registry calls once, as the last thing before its COMMIT: takes the next
-- serial, writes the change and its audit event, and tells the listeners the serial.
CREATE FUNCTION record_change(kind text, package text, version text, groups text[], actor text,
                              detail jsonb, OUT new_serial bigint, OUT current_epoch text)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry r SET serial = r.serial + 1
    RETURNING r.serial, r.epoch::text INTO STRICT new_serial, current_epoch;
    INSERT INTO changes (serial, kind, package, version, groups, at)
    VALUES (new_serial, kind, package, version, groups, clock_timestamp());
    PERFORM record_audit(actor, kind, concat_ws(' ', package, version), detail);
    PERFORM pg_notify('registry_changes', new_serial::text);
END
$$;

-- History is only added to, and releases are never taken away.
CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are kept for ever', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER changes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER packages_kept BEFORE DELETE OR TRUNCATE ON packages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER releases_kept BEFORE DELETE OR TRUNCATE ON releases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER releases_immutable
    BEFORE UPDATE OF package_id, version, version_key, document, digest ON releases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
