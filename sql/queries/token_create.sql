-- Makes a token. With `granting` its team is granted the token's scopes, on its name prefix or on all
-- names; the scope of an environment or of a host's reports names its object. The grant of an
-- import ends with the token.
-- parameters: name text, kind text, hash bytea, team text, scopes text[], name_prefix text, days int8,
--   granting bool, actor text
-- columns: id int8, created_at text, expires_at text, serial int8
-- shape: one
-- writes: yes
WITH made AS (
    INSERT INTO tokens (name, kind, hash, team, scopes, name_prefix, expires_at, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7::int), $9)
    RETURNING id, kind, name, team, scopes, name_prefix, created_at, expires_at
), granted AS (
    INSERT INTO grants AS there (team, scope, object, created_by, expires_at)
    SELECT made.team, g.scope, g.object, $9, CASE WHEN g.scope = 'import' THEN made.expires_at END
      FROM made, unnest(made.scopes) AS s (text),
           LATERAL (SELECT s.text ~ '^(environment|report):' AND s.text <> 'environment:read'
                           AS is_bound) AS b,
           LATERAL (SELECT CASE WHEN is_bound
                                THEN substring(s.text FROM '^(environment:read(?=:)|environment|report):')
                                ELSE s.text END AS scope) AS n,
           LATERAL (SELECT n.scope,
                           CASE WHEN is_bound THEN substr(s.text, length(n.scope) + 2)
                                WHEN s.text IN ('publish:new', 'publish:update', 'yank', 'import')
                                THEN coalesce(made.name_prefix, '*')
                                ELSE '*' END AS object) AS g
     WHERE $8
    ON CONFLICT (team, scope, object) DO UPDATE
        SET expires_at = excluded.expires_at, created_at = now(), created_by = excluded.created_by
      WHERE there.expires_at < coalesce(excluded.expires_at, 'infinity')
    RETURNING scope, object
)
SELECT made.id, rfc3339(made.created_at) AS created_at, rfc3339(made.expires_at) AS expires_at,
       record_access_change(
           'token-create', made.team || '/' || made.name, $9,
           jsonb_build_object('id', made.id, 'kind', made.kind, 'scopes', made.scopes,
                              'name_prefix', made.name_prefix,
                              'expires_at', rfc3339(made.expires_at),
                              'granted', (SELECT coalesce(jsonb_agg(scope || ' ' || object), '[]')
                                            FROM granted))) AS serial
  FROM made
