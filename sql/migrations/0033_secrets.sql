-- Secrets of environments: values of settings, sealed under a key that only the daemon has. Documents and revisions say
-- of them only that they are set, when and by whom.

CREATE TABLE secrets_key (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    key_id text COLLATE "C" NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE secrets_key IS 'the key that seals new values; the key itself is in the file of --secrets-key';

CREATE TABLE environment_secrets (
    environment text COLLATE "C" NOT NULL REFERENCES environments,
    package text COLLATE "C" NOT NULL,
    group_name text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    pointer text COLLATE "C" NOT NULL CHECK (octet_length(pointer) BETWEEN 2 AND 1000),
    key_id text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL CHECK (octet_length(sealed) <= 128 * 1024),
    set_at text NOT NULL,
    set_by text NOT NULL,
    PRIMARY KEY (environment, package, group_name, name, pointer)
);
COMMENT ON COLUMN environment_secrets.group_name IS 'of the entry point; empty: of the package';
COMMENT ON COLUMN environment_secrets.pointer IS 'JSON pointer into the settings';
COMMENT ON COLUMN environment_secrets.sealed IS 'nonce and ciphertext, XChaCha20-Poly1305; environment, package, entry point and pointer are bound to it';
CREATE INDEX environment_secrets_key ON environment_secrets (key_id);

ALTER TABLE grants DROP CONSTRAINT grants_scope_check;
ALTER TABLE grants ADD CONSTRAINT grants_scope_check
    CHECK (scope IN ('read', 'publish:new', 'publish:update', 'group:publish', 'group:contract', 'yank',
                     'environment', 'environment:read', 'environment:secrets', 'report', 'import'));
