-- The token of a session that has not ended; the hash as hex digits.
-- parameters: id_hash bytea, life_hours int8
-- columns: token_hash text
-- shape: optional
SELECT encode(token_hash, 'hex') AS token_hash
  FROM sessions
 WHERE id_hash = $1 AND begun_at > now() - make_interval(hours => $2::int)
