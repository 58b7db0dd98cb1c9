-- Gives a package to a team; no row when there is no such package. `changed_now` is false when it has it
-- already.
-- parameters: name text, team text, actor text
-- columns: changed_now bool, serial int8
-- shape: optional
-- writes: yes
WITH found AS (
    SELECT id, name, owner FROM packages WHERE name = $1 FOR NO KEY UPDATE
), changed AS (
    UPDATE packages p SET owner = $2 FROM found
     WHERE p.id = found.id AND found.owner IS DISTINCT FROM $2
    RETURNING found.id, found.name, found.owner AS before
), recorded AS (
    SELECT c.new_serial AS serial
      FROM changed,
           record_change('owner', changed.name, NULL, groups_of_package(changed.id), $3,
                         jsonb_build_object('team', $2, 'before', changed.before)) AS c
)
SELECT changed.name IS NOT NULL AS changed_now, recorded.serial
  FROM found LEFT JOIN changed ON true LEFT JOIN recorded ON true
