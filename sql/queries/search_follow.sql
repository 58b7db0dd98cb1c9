-- Lets search follow the list of changes, by so many of them; whether more are left.
-- parameters: row_limit int8
-- columns: behind bool
-- shape: one
-- writes: yes
SELECT search_follow($1) AS behind
