-- A release that was published by its metadata alone is provisional: its first file completes it. The file is
-- what hosts install, so it says what the release is; the digest of what was published first is kept. A wheel
-- also completes a release that has only a source distribution, whose metadata may leave out what its build
-- computes. After its first wheel a release never changes.

ALTER TABLE releases
    ADD COLUMN first_digest bytea CHECK (octet_length(first_digest) = 32),
    ADD COLUMN completed_at timestamptz,
    ADD CONSTRAINT releases_completed CHECK ((first_digest IS NULL) = (completed_at IS NULL));
COMMENT ON COLUMN releases.first_digest IS 'digest of the document published first; NULL: it is still that one';
COMMENT ON COLUMN releases.completed_at IS 'when a file last completed the release';

CREATE FUNCTION keep_completed_releases() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.first_digest IS DISTINCT FROM coalesce(OLD.first_digest, OLD.digest)
       OR EXISTS (SELECT FROM artifacts a WHERE a.release_id = OLD.id AND a.kind = 'wheel') THEN
        RAISE EXCEPTION 'UPDATE on releases is refused: a release changes only when a file completes it';
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER releases_immutable ON releases;
CREATE TRIGGER releases_immutable
    BEFORE UPDATE OF package_id, version, version_key ON releases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER releases_completed_once
    BEFORE UPDATE OF document, digest ON releases
    FOR EACH ROW EXECUTE FUNCTION keep_completed_releases();
