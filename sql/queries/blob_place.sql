-- Where the bytes of a blob are: the key of its object, which is empty in the database.
-- parameters: sha256 bytea
-- columns: object_key text
-- shape: optional
SELECT coalesce(o.key, '') AS object_key
  FROM blobs b
  LEFT JOIN blob_objects o ON o.sha256 = b.sha256
 WHERE b.sha256 = $1
