-- Puts a release into quarantine, or takes it out (the reason NULL). No row when the release is not
-- there, or is so already.
-- parameters: package text, version text, reason text, actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH target AS (
    SELECT p.id AS package_id, p.name, r.id, r.version
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.version = $2
     WHERE p.name = $1
), moved AS (
    UPDATE releases r
       SET state = CASE WHEN $3 IS NULL THEN 'live' ELSE 'quarantined' END,
           state_reason = $3, state_at = CASE WHEN $3 IS NOT NULL THEN now() END,
           state_by = CASE WHEN $3 IS NOT NULL THEN $4 END
      FROM target
     WHERE r.id = target.id
       AND ((r.state = 'live') <> ($3 IS NULL) OR r.state_reason IS DISTINCT FROM $3)
    RETURNING target.name, target.version, target.package_id
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM moved,
       record_change(CASE WHEN $3 IS NULL THEN 'activate' ELSE 'quarantine' END, moved.name,
                     moved.version, groups_of_package(moved.package_id), $4,
                     jsonb_build_object('reason', $3), reason => $3) AS c
