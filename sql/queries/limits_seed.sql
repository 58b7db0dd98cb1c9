-- What all daemons make the keys of their limits with.
-- columns: seed int8
-- shape: one
SELECT seed FROM limit_seed
