-- Gives a reserved name free; no row when it is not reserved.
-- parameters: name text, actor text
-- columns: serial int8
-- shape: optional
-- writes: yes
WITH removed AS (
    DELETE FROM reserved_names WHERE name = $1 RETURNING name
)
SELECT record_access_change('unreserve', name, $2, '{}') AS serial
  FROM removed
