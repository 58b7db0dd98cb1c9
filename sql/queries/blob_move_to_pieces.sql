-- Makes the pieces, which this transaction has written, the place of a blob, and gives its object up `seconds` later.
-- False when another move was quicker.
-- parameters: sha256 bytea, seconds int8
-- columns: is_moved bool
-- shape: one
-- writes: yes
SELECT move_blob_to_pieces($1, make_interval(secs => $2)) AS is_moved
