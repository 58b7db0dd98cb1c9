-- Grants a team a scope on an object, for some seconds (0: until it is revoked). No row when the team has it so
-- already; a grant that ends is granted again for the time given.
-- parameters: team text, scope text, object text, actor text, seconds int8
-- columns: serial int8, expires_at text
-- shape: optional
-- writes: yes
WITH added AS (
    INSERT INTO grants AS g (team, scope, object, created_by, expires_at)
    VALUES ($1, $2, $3, $4, CASE WHEN $5 > 0 THEN now() + make_interval(secs => $5) END)
    ON CONFLICT (team, scope, object) DO UPDATE
        SET expires_at = excluded.expires_at, created_at = now(), created_by = excluded.created_by
      WHERE g.expires_at IS DISTINCT FROM excluded.expires_at
    RETURNING team, scope, object, rfc3339(expires_at) AS expires_at
)
SELECT record_access_change('grant-add', team, $4,
                            CASE WHEN expires_at IS NULL
                                 THEN jsonb_build_object('scope', scope, 'object', object)
                                 ELSE jsonb_build_object('scope', scope, 'object', object,
                                                         'expires_at', expires_at) END) AS serial,
       expires_at
  FROM added
