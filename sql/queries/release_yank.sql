-- Yanks a release, or takes it back (the reason NULL). No row when the release is not there, or is so
-- already.
-- parameters: package text, version text, reason text, actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH target AS (
    SELECT p.id AS package_id, p.name, r.id, r.version
      FROM packages p
      JOIN releases r ON r.package_id = p.id AND r.version = $2
     WHERE p.name = $1
), yanked AS (
    UPDATE releases r
       SET yanked_at = CASE WHEN $3 IS NOT NULL THEN coalesce(r.yanked_at, now()) END,
           yanked_reason = $3, yanked_by = CASE WHEN $3 IS NOT NULL THEN $4 END
      FROM target
     WHERE r.id = target.id
       AND ((r.yanked_at IS NULL) <> ($3 IS NULL) OR r.yanked_reason IS DISTINCT FROM $3)
    RETURNING target.name, target.version, target.package_id
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM yanked,
       record_change(CASE WHEN $3 IS NULL THEN 'unyank' ELSE 'yank' END, yanked.name,
                     yanked.version, groups_of_package(yanked.package_id), $4,
                     jsonb_build_object('reason', $3), reason => $3) AS c
