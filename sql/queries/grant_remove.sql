-- Takes a grant back; no row when there is none.
-- parameters: team text, scope text, object text, actor text
-- columns: serial int8
-- shape: optional
-- writes: yes
WITH removed AS (
    DELETE FROM grants WHERE team = $1 AND scope = $2 AND object = $3
    RETURNING team, scope, object
)
SELECT record_access_change('grant-remove', team, $4,
                            jsonb_build_object('scope', scope, 'object', object)) AS serial
  FROM removed
