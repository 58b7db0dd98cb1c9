-- The scope environment:read: reading the settings of an environment without changing it.

ALTER TABLE grants DROP CONSTRAINT grants_scope_check;
ALTER TABLE grants ADD CONSTRAINT grants_scope_check
    CHECK (scope IN ('read', 'publish:new', 'publish:update', 'group:publish', 'group:contract', 'yank',
                     'environment', 'environment:read', 'report'));
