-- Whether search has changes to follow, the last one it followed, and how many packages are set apart.
-- columns: behind bool, reached int8, problems int8
-- shape: one
SELECT s.serial < r.serial AS behind, s.serial AS reached,
       (SELECT count(*) FROM search_problems) AS problems
  FROM search_state s, registry r
