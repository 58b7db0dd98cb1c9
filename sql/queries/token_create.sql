-- Makes a token, and gives its team the grants ("SCOPE OBJECT"; none: the team keeps what it has). The grant of an
-- import ends with the token.
-- parameters: name text, kind text, hash bytea, team text, scopes text[], name_prefix text, days int8,
--   grants text[], actor text
-- columns: id int8, created_at text, expires_at text, serial int8
-- shape: one
WITH made AS (
    INSERT INTO tokens (name, kind, hash, team, scopes, name_prefix, expires_at, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7::int), $9)
    RETURNING id, kind, name, team, scopes, name_prefix, created_at, expires_at
), granted AS (
    INSERT INTO grants AS there (team, scope, object, created_by, expires_at)
    SELECT DISTINCT made.team, g.scope, g.object, $9,
           CASE WHEN g.scope = 'import' THEN made.expires_at END
      FROM made, unnest($8) AS line (text),
           LATERAL (SELECT split_part(line.text, ' ', 1) AS scope,
                           substr(line.text, strpos(line.text, ' ') + 1) AS object) AS g
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
