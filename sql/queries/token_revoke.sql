-- Revokes a token, by its number or by its hash, for good. No row when there is none; `revoked_now` is
-- false when it was revoked before.
-- parameters: id int8, hash bytea, actor text, reason text
-- columns: id int8, name text, team text, revoked_at text, revoked_now bool, serial int8
-- shape: optional
-- writes: yes
WITH found AS (
    SELECT id, name, team, revoked_at FROM tokens
     WHERE ($1 <> 0 AND id = $1) OR hash = $2
       FOR UPDATE
), revoked AS (
    UPDATE tokens t SET revoked_at = now(), revoked_by = $3, revoked_reason = $4
      FROM found
     WHERE t.id = found.id AND found.revoked_at IS NULL
    RETURNING t.id, t.name, t.team, t.revoked_at
), recorded AS (
    SELECT record_access_change('token-revoke', revoked.team || '/' || revoked.name, $3,
                                jsonb_build_object('id', revoked.id, 'reason', $4)) AS serial
      FROM revoked
)
SELECT found.id, found.name, found.team,
       rfc3339(coalesce(revoked.revoked_at, found.revoked_at)) AS revoked_at,
       revoked.id IS NOT NULL AS revoked_now, recorded.serial
  FROM found LEFT JOIN revoked ON true LEFT JOIN recorded ON true
