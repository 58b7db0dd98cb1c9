-- Lets search follow the list of changes, by so many of them. With a reason their packages are set apart
-- instead of indexed.
-- parameters: row_limit int8, reason text
-- columns: behind bool, reached int8, problems int8
-- shape: one
-- writes: yes
SELECT behind, reached, problems FROM search_follow($1, $2)
