-- Reserves a name, or a name and all that begin with it; a reservation that is there is replaced.
-- parameters: name text, is_prefix bool, team text, reason text, actor text
-- columns: serial int8
-- shape: one
-- writes: yes
WITH added AS (
    INSERT INTO reserved_names AS r (name, is_prefix, team, reason, created_by)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE
        SET is_prefix = excluded.is_prefix, team = excluded.team, reason = excluded.reason,
            created_at = now(), created_by = excluded.created_by
    RETURNING name, is_prefix, team, reason
)
SELECT record_access_change('reserve', name, $5,
                            jsonb_build_object('is_prefix', is_prefix, 'team', team,
                                               'reason', reason)) AS serial
  FROM added
