-- Ends a session.
-- parameters: id_hash bytea
-- shape: none
-- writes: yes
DELETE FROM sessions WHERE id_hash = $1
