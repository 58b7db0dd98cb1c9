-- Blobs whose bytes are not where they should be, in the order of their digests from `after` on, and how many there are.
-- parameters: to_objects bool, after text, limit int8
-- columns: sha256 text, size int8, object_key text, left int8, left_bytes int8
-- shape: many
SELECT encode(b.sha256, 'hex') AS sha256, b.size, coalesce(o.key, '') AS object_key,
       count(*) OVER () AS "left", (sum(b.size) OVER ())::int8 AS left_bytes
  FROM blobs b
  LEFT JOIN blob_objects o ON o.sha256 = b.sha256
 WHERE b.sha256 > decode($2, 'hex') AND (o.key IS NULL) = $1
 ORDER BY b.sha256
 LIMIT $3
