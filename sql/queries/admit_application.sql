-- Gives the running daemon's role its rights, as the owner of the tables.
-- parameters: role_name text
-- shape: none
-- writes: yes
SELECT admit_application($1)
