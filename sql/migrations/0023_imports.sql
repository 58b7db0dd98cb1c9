-- Imports: the scope import, and grants that end by themselves.

ALTER TABLE grants DROP CONSTRAINT grants_scope_check;
ALTER TABLE grants ADD CONSTRAINT grants_scope_check
    CHECK (scope IN ('read', 'publish:new', 'publish:update', 'group:publish', 'group:contract', 'yank',
                     'environment', 'environment:read', 'report', 'import'));

ALTER TABLE grants ADD COLUMN expires_at timestamptz;
COMMENT ON COLUMN grants.expires_at IS 'from then on it grants nothing; NULL is never';
