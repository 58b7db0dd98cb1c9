-- Environments: what is known and decided about each deployment of a host. A revision is a whole
-- document; nothing is altered and nothing deleted, so history and going back need nothing else.

CREATE TABLE environments (
    name text COLLATE "C" PRIMARY KEY
        CHECK (name ~ '^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$' AND octet_length(name) <= 100),
    revision bigint NOT NULL CHECK (revision > 0)
) WITH (fillfactor = 80);
COMMENT ON COLUMN environments.revision IS 'the newest; who changes it holds the row';

CREATE TABLE environment_revisions (
    environment text COLLATE "C" NOT NULL REFERENCES environments,
    revision bigint NOT NULL CHECK (revision > 0),
    document text NOT NULL CHECK (octet_length(document) <= 4 * 1024 * 1024),
    description text,
    plugin_count bigint NOT NULL CHECK (plugin_count >= 0),
    action text NOT NULL
        CHECK (action IN ('create', 'replace', 'change', 'plugin', 'rollback')),
    summary text NOT NULL CHECK (octet_length(summary) BETWEEN 1 AND 1000),
    package text COLLATE "C",
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (environment, revision),
    CONSTRAINT environment_revisions_package CHECK ((action = 'plugin') = (package IS NOT NULL))
);
COMMENT ON COLUMN environment_revisions.document IS 'canonical JSON, all of it';
COMMENT ON COLUMN environment_revisions.summary IS 'what was changed, in words';

INSERT INTO environments (name, revision) VALUES ('default', 1);
INSERT INTO environment_revisions (environment, revision, document, plugin_count, action, summary,
                                   changed_at, changed_by)
VALUES ('default', 1, '{}', 0, 'create', 'there from the start', clock_timestamp(), 'registryd');

CREATE TRIGGER environments_kept BEFORE DELETE OR TRUNCATE ON environments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER environments_named BEFORE UPDATE OF name ON environments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER environment_revisions_kept
    BEFORE UPDATE OR DELETE OR TRUNCATE ON environment_revisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
