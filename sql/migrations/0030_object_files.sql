-- Files in an object store. A blob has its bytes in exactly one place: in blob_pieces, or in the object that
-- blob_objects names.
--
-- An object is written before the transaction that refers to it, so an upload that fails leaves one behind. It must be
-- removed, but never one that a file refers to. Therefore each attempt writes an object of its own, and has a claim on
-- it from before the first byte:
--
--   * a file can refer to an object only by using up its claim, in the transaction that adds the file;
--   * an object can be removed only after its claim was condemned, in a transaction of its own.
--
-- Both change the one row of the claim, so exactly one of them succeeds. Two uploads of the same bytes have two objects;
-- the one that comes second removes its own. No rule depends on a clock: the time in a claim says only when to look.

CREATE TABLE blob_objects (
    sha256 bytea PRIMARY KEY REFERENCES blobs,
    key text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(key) BETWEEN 1 AND 200),
    stored_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN blob_objects.key IS 'below the prefix that the daemons are started with';

CREATE TABLE object_claims (
    key text COLLATE "C" PRIMARY KEY CHECK (octet_length(key) BETWEEN 1 AND 200),
    epoch uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    condemned_at timestamptz
);
CREATE INDEX object_claims_expires ON object_claims (expires_at);
COMMENT ON COLUMN object_claims.epoch IS
    'of the history it was made in: a restored copy must not remove what the original refers to';

-- What is kept for ever may still move from one place to the other: by the two functions below, and by nothing else.
CREATE FUNCTION is_moving_files() RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT current_setting('registryd.is_moving_files', true) = 'yes' $$;

CREATE TRIGGER blob_objects_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON blob_objects
    FOR EACH STATEMENT WHEN (is_moving_files() IS NOT TRUE) EXECUTE FUNCTION refuse_rewriting();
DROP TRIGGER blob_pieces_kept ON blob_pieces;
CREATE TRIGGER blob_pieces_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON blob_pieces
    FOR EACH STATEMENT WHEN (is_moving_files() IS NOT TRUE) EXECUTE FUNCTION refuse_rewriting();

-- From the database into an object. False when the claim is gone.
CREATE FUNCTION move_blob_to_object(blob bytea, object_key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM object_claims WHERE key = object_key AND condemned_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO blob_objects (sha256, key) VALUES (blob, object_key);
    PERFORM set_config('registryd.is_moving_files', 'yes', true);
    DELETE FROM blob_pieces WHERE sha256 = blob;
    PERFORM set_config('registryd.is_moving_files', 'no', true);
    RETURN true;
END
$$;

-- Back into the database, where this transaction has written the pieces. The object is removed `grace` later, because a
-- download may still read it. False when the blob has no object.
CREATE FUNCTION move_blob_to_pieces(blob bytea, grace interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    object_key text;
BEGIN
    IF (SELECT sum(octet_length(bytes)) FROM blob_pieces WHERE sha256 = blob)
       IS DISTINCT FROM (SELECT size FROM blobs WHERE sha256 = blob) THEN
        RAISE EXCEPTION 'the pieces of the blob are not whole';
    END IF;
    PERFORM set_config('registryd.is_moving_files', 'yes', true);
    DELETE FROM blob_objects WHERE sha256 = blob RETURNING key INTO object_key;
    PERFORM set_config('registryd.is_moving_files', 'no', true);
    IF object_key IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO object_claims (key, epoch, expires_at, condemned_at)
    SELECT object_key, epoch, now() + grace, now() FROM registry;
    RETURN true;
END
$$;

-- Moving ends the existence of one of two copies, so only a daemon that was started with an object store may do it.
REVOKE EXECUTE ON FUNCTION move_blob_to_object(bytea, text), move_blob_to_pieces(bytea, interval) FROM PUBLIC;
CREATE FUNCTION admit_file_moves(role_name text, is_allowed boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(CASE WHEN is_allowed
                        THEN 'GRANT EXECUTE ON FUNCTION move_blob_to_object(bytea, text), '
                             'move_blob_to_pieces(bytea, interval) TO %I'
                        ELSE 'REVOKE EXECUTE ON FUNCTION move_blob_to_object(bytea, text), '
                             'move_blob_to_pieces(bytea, interval) FROM %I' END, role_name);
END
$$;
