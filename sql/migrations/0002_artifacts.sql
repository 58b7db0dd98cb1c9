-- Artifacts: the wheels and sdists of releases. Their bytes are blobs, kept once however often they are
-- named, in pieces that are small against memory: a file is written and read piece by piece.

CREATE TABLE blobs (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    size bigint NOT NULL CHECK (size > 0),
    piece_bytes bigint NOT NULL CHECK (piece_bytes > 0),
    stored_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN blobs.piece_bytes IS 'size of every piece but the last';

CREATE TABLE blob_pieces (
    sha256 bytea NOT NULL REFERENCES blobs,
    position bigint NOT NULL CHECK (position >= 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) > 0),
    PRIMARY KEY (sha256, position)
);
-- What comes is compressed already; and of plain pieces PostgreSQL reads only the part asked for.
ALTER TABLE blob_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A file name is used once in the whole registry, as files of different packages cannot share one.
CREATE TABLE artifacts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release_id bigint NOT NULL REFERENCES releases,
    filename text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(filename) BETWEEN 1 AND 255),
    kind text NOT NULL CHECK (kind IN ('wheel', 'sdist')),
    size bigint NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL REFERENCES blobs,
    tags text[] NOT NULL,
    metadata text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    uploaded_by text NOT NULL
);
COMMENT ON COLUMN artifacts.tags IS 'of a wheel, expanded, in the order of its name';
COMMENT ON COLUMN artifacts.metadata IS 'METADATA or PKG-INFO as it stands in the file';
CREATE INDEX artifacts_release ON artifacts (release_id);
CREATE INDEX artifacts_sha256 ON artifacts (sha256);

CREATE TRIGGER blobs_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON blobs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER blob_pieces_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON blob_pieces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER artifacts_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON artifacts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
