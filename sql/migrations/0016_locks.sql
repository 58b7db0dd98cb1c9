-- Locks: what a frozen environment answers, written down. A lock is never altered, so a revision only points
-- at one: going back, promoting and thawing are revisions like any other.

CREATE TABLE environment_locks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    environment text COLLATE "C" NOT NULL REFERENCES environments,
    revision bigint NOT NULL CHECK (revision > 0),
    document text NOT NULL CHECK (octet_length(document) <= 32 * 1024 * 1024),
    release_count bigint NOT NULL CHECK (release_count >= 0),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL
);
COMMENT ON COLUMN environment_locks.revision IS 'of the environment, by whose rules the lock was made';
COMMENT ON COLUMN environment_locks.document IS 'JSON: releases with files, records, decisions';

CREATE TRIGGER environment_locks_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON environment_locks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

ALTER TABLE environment_revisions
    ADD COLUMN lock_id bigint REFERENCES environment_locks,
    ADD COLUMN is_archived boolean NOT NULL DEFAULT false,
    ADD COLUMN reason text CHECK (octet_length(reason) BETWEEN 1 AND 1000),
    DROP CONSTRAINT environment_revisions_action_check,
    ADD CONSTRAINT environment_revisions_action_check
        CHECK (action IN ('create', 'replace', 'change', 'plugin', 'rollback', 'freeze', 'thaw',
                          'promote', 'archive', 'restore'));
COMMENT ON COLUMN environment_revisions.lock_id IS 'the lock that is answered; NULL: not frozen';
COMMENT ON COLUMN environment_revisions.is_archived IS 'hosts get nothing';
