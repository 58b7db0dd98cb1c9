-- Starts a new epoch when the rows are found on another cluster or timeline than the one their serials were
-- counted on (a restored dump, a promoted standby), or when their epoch is `replaced` (else empty). The number of
-- the new one is at least `floor`. One row when it did.
-- parameters: floor int8, replaced text
-- columns: epoch text, number int8
-- shape: optional
-- writes: yes
WITH found AS MATERIALIZED (
    SELECT history_now() AS history
)
UPDATE registry r
   SET epoch = CASE WHEN r.history = '' THEN r.epoch ELSE gen_random_uuid() END,
       epoch_number = greatest(r.epoch_number + 1, extract(epoch FROM clock_timestamp())::int8, $1),
       history = found.history
  FROM found
 WHERE r.history <> found.history OR r.epoch::text = $2
RETURNING r.epoch::text AS epoch, r.epoch_number AS number
