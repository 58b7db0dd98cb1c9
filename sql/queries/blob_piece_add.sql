-- Keeps one piece of a blob.
-- parameters: sha256 bytea, position int8, bytes bytea
-- shape: none
-- writes: yes
INSERT INTO blob_pieces (sha256, position, bytes) VALUES ($1, $2, $3)
