-- Grants a team a scope on an object; no row when it has it already.
-- parameters: team text, scope text, object text, actor text
-- columns: serial int8
-- shape: optional
-- writes: yes
WITH added AS (
    INSERT INTO grants (team, scope, object, created_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
    RETURNING team, scope, object
)
SELECT record_access_change('grant-add', team, $4,
                            jsonb_build_object('scope', scope, 'object', object)) AS serial
  FROM added
