-- Makes a key the one that seals new secrets, in the place of another one (NULL = there is none yet), with an audit event.
-- Waits for changes that seal with the other one. No row when the present key is another than that.
-- parameters: key_id text, before text, actor text
-- columns: key_id text, event int8
-- shape: optional
-- writes: yes
WITH made AS (
    INSERT INTO secrets_key (key_id) SELECT $1 WHERE $2 IS NULL
    ON CONFLICT DO NOTHING
    RETURNING key_id
), changed AS (
    UPDATE secrets_key SET key_id = $1, made_at = now() WHERE key_id = $2
    RETURNING key_id
)
SELECT done.key_id, record_audit($3, 'secrets-key', done.key_id, jsonb_build_object('before', $2)) AS event
  FROM (SELECT key_id FROM made UNION ALL SELECT key_id FROM changed) AS done
