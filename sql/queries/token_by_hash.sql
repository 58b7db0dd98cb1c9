-- The token of a hash; usable by the database's clock.
-- parameters: hash bytea
-- columns: name text, kind text, usable bool
-- shape: optional
SELECT name, kind,
       revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS usable
  FROM tokens
 WHERE hash = $1
