-- Bytes of one piece of a blob, in hexadecimal: `length` of them from `start`, which counts from 1.
-- parameters: sha256 bytea, position int8, start int8, length int8
-- columns: bytes text
-- shape: optional
SELECT encode(substring(bytes FROM $3::int FOR $4::int), 'hex') AS bytes
  FROM blob_pieces
 WHERE sha256 = $1 AND position = $2
