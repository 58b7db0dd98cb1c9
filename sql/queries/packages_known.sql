-- Which of these packages are there.
-- parameters: names text[]
-- columns: name text
-- shape: many
SELECT p.name FROM packages p WHERE p.name = ANY ($1) ORDER BY p.name
