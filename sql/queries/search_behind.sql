-- Whether search has changes to follow.
-- columns: behind bool
-- shape: one
SELECT s.serial < r.serial AS behind FROM search_state s, registry r
