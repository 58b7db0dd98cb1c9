-- Who may do what: tokens with an end and a purpose, what teams are granted, who owns a package, names
-- that nobody may take. A team is a name that rights are given to, a person's as well as a team's.

ALTER TABLE tokens DROP CONSTRAINT tokens_kind_check;
ALTER TABLE tokens
    ADD CONSTRAINT tokens_kind_check CHECK (kind IN ('user', 'ci', 'admin')),
    ADD COLUMN team text COLLATE "C" NOT NULL DEFAULT 'admin'
        CHECK (octet_length(team) BETWEEN 1 AND 100),
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN name_prefix text COLLATE "C" CHECK (octet_length(name_prefix) BETWEEN 1 AND 100),
    ADD COLUMN created_by text NOT NULL DEFAULT 'registryd',
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN revoked_by text,
    ADD COLUMN revoked_reason text;
COMMENT ON COLUMN tokens.scopes IS 'what of its team''s rights the token has; an admin token needs none';
COMMENT ON COLUMN tokens.name_prefix IS 'the only package names it may publish; NULL is any';
COMMENT ON COLUMN tokens.last_used_at IS 'to the minute';
CREATE INDEX tokens_team ON tokens (team, id);
CREATE TRIGGER tokens_kept BEFORE DELETE OR TRUNCATE ON tokens
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

CREATE TABLE grants (
    team text COLLATE "C" NOT NULL CHECK (octet_length(team) BETWEEN 1 AND 100),
    scope text COLLATE "C" NOT NULL
        CHECK (scope IN ('read', 'publish:new', 'publish:update', 'group:publish', 'group:contract',
                         'yank', 'environment', 'report')),
    object text COLLATE "C" NOT NULL CHECK (octet_length(object) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    PRIMARY KEY (team, scope, object)
);
COMMENT ON COLUMN grants.object IS
    '*, or the beginning of a name up to a separator, or the name of an environment';

-- Two names that people take for one another have one such form.
CREATE FUNCTION confusable_form(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(replace(name, '-', ''), 'oil', '011')
$$;

ALTER TABLE packages
    ADD COLUMN owner text COLLATE "C" CHECK (octet_length(owner) BETWEEN 1 AND 100);
-- Of the expression, not of a generated column: a unique column would count as a key, and each publish
-- would lock its package against everything that only refers to it.
CREATE UNIQUE INDEX packages_confusable ON packages (confusable_form(name));
COMMENT ON COLUMN packages.owner IS 'the team that published it first; NULL is nobody';

CREATE TABLE reserved_names (
    name text COLLATE "C" PRIMARY KEY
        CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND octet_length(name) <= 100),
    is_prefix boolean NOT NULL,
    team text COLLATE "C" CHECK (octet_length(team) BETWEEN 1 AND 100),
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);
COMMENT ON COLUMN reserved_names.is_prefix IS 'also every name that goes on behind it with a separator';
COMMENT ON COLUMN reserved_names.team IS 'who may take it all the same; NULL is nobody';

-- What every change of rights calls once, last: as record_change, for what is no package.
CREATE FUNCTION record_access_change(kind text, subject text, actor text, detail jsonb)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    new_serial bigint;
BEGIN
    UPDATE registry r SET serial = r.serial + 1 RETURNING r.serial INTO STRICT new_serial;
    INSERT INTO changes (serial, kind, groups, at) VALUES (new_serial, kind, '{}', clock_timestamp());
    PERFORM record_audit(actor, kind, subject, detail);
    PERFORM pg_notify('registry_changes', new_serial::text);
    RETURN new_serial;
END
$$;
