-- Makes an administrator's token, with its audit event; no row when there is one that works, or when
-- this one is known already. Run it under registry_lock, so that two daemons do not both find none.
-- parameters: name text, hash bytea
-- columns: event int8
-- shape: optional
-- writes: yes
WITH made AS (
    INSERT INTO tokens (name, kind, hash, team)
    SELECT $1, 'admin', $2, $1
     WHERE NOT EXISTS (SELECT FROM tokens
                        WHERE kind = 'admin' AND revoked_at IS NULL
                          AND (expires_at IS NULL OR expires_at > now()))
       AND NOT EXISTS (SELECT FROM tokens WHERE hash = $2)
    RETURNING name, kind
)
SELECT record_audit('registryd', 'token-create', made.name,
                    jsonb_build_object('kind', made.kind)) AS event
  FROM made
