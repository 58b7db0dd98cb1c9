-- Gives a package another status, reason or successor. No row when the package is not there, is so
-- already, or the successor is not there. Both are locked by name, as publishers lock theirs.
-- parameters: package text, status text, reason text, replaced_by text, actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH locked AS MATERIALIZED (
    SELECT p.id, p.name FROM packages p
     WHERE p.name IN ($1, $4) ORDER BY p.name FOR NO KEY UPDATE
), moved AS (
    UPDATE packages p
       SET status = $2, status_reason = $3, replaced_by = $4, updated_at = now(),
           status_at = CASE WHEN $2 <> 'active' THEN now() END,
           status_by = CASE WHEN $2 <> 'active' THEN $5 END
      FROM locked
     WHERE p.id = locked.id AND locked.name = $1
       AND (p.status, p.status_reason, p.replaced_by) IS DISTINCT FROM ($2, $3, $4)
       AND ($4 IS NULL OR EXISTS (SELECT FROM locked s WHERE s.name = $4))
    RETURNING p.id, p.name
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM moved,
       record_change(CASE $2 WHEN 'active' THEN 'activate' WHEN 'deprecated' THEN 'deprecate'
                             WHEN 'archived' THEN 'archive' ELSE 'quarantine' END,
                     moved.name, NULL, groups_of_package(moved.id), $5,
                     jsonb_build_object('status', $2, 'reason', $3, 'replaced_by', $4),
                     reason => $3) AS c
