-- One round trip.
-- shape: none
SELECT
