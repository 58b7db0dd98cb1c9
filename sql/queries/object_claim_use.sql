-- Makes an object the place of a blob, and uses up the claim on it. No row when the claim was condemned meanwhile.
-- parameters: sha256 bytea, key text
-- columns: key text
-- shape: optional
-- writes: yes
WITH used AS (
    DELETE FROM object_claims WHERE key = $2 AND condemned_at IS NULL RETURNING key
)
INSERT INTO blob_objects (sha256, key) SELECT $1, used.key FROM used
RETURNING key
