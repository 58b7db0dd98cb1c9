-- Begins to keep a blob; a row only when it is not kept already. When somebody else is writing the same
-- one, this waits for the end of it.
-- parameters: sha256 bytea, size int8, piece_bytes int8
-- columns: size int8
-- shape: optional
-- writes: yes
INSERT INTO blobs (sha256, size, piece_bytes) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
RETURNING size
