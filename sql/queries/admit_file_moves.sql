-- Allows the running daemon's role to move files between the database and an object store, or forbids it.
-- parameters: role_name text, is_allowed bool
-- shape: none
-- writes: yes
SELECT admit_file_moves($1, $2)
