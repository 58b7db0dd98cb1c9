-- Gives the role for backups its rights, as the owner of the tables.
-- parameters: role_name text
-- shape: none
-- writes: yes
SELECT admit_backup($1)
