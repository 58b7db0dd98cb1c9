-- Starts a new epoch when the rows are found on another cluster or timeline than the one their
-- serials were counted on: a restored dump, a promoted standby. One row when it did.
-- columns: epoch text
-- shape: optional
-- writes: yes
WITH found AS (
    SELECT s.system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS history
      FROM pg_control_system() s
)
UPDATE registry r
   SET epoch = CASE WHEN r.history = '' THEN r.epoch ELSE gen_random_uuid() END,
       history = found.history
  FROM found
 WHERE r.history <> found.history
RETURNING r.epoch::text AS epoch
