-- Waits until no other daemon migrates; held until the connection ends.
-- shape: none
SELECT pg_advisory_lock(7621000001)
