-- Sessions of people who signed in on the pages: in the database, so that they hold at every daemon, and so does
-- signing out. Only hashes are kept: of the cookie's random number, and of the token that signed in.
CREATE TABLE sessions (
    id_hash bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    begun_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sessions_of_token ON sessions (token_hash, begun_at);
CREATE INDEX sessions_by_age ON sessions (begun_at);
