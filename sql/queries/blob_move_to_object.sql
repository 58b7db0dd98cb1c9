-- Makes an object the place of a blob whose pieces are in the database, and removes these. False when the claim on the
-- object was condemned meanwhile. A unique violation when another move was quicker.
-- parameters: sha256 bytea, key text
-- columns: is_moved bool
-- shape: one
-- writes: yes
SELECT move_blob_to_object($1, $2) AS is_moved
