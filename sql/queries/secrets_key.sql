-- The id of the key that seals new secrets.
-- columns: key_id text
-- shape: optional
SELECT k.key_id FROM secrets_key k
