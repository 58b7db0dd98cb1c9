-- A lock, with its document when asked.
-- parameters: id int8, with_document bool
-- columns: id int8, environment text, revision int8, release_count int8, made_at text, made_by text,
--   document text
-- shape: optional
SELECT l.id, l.environment, l.revision, l.release_count, rfc3339(l.made_at) AS made_at, l.made_by,
       CASE WHEN $2 THEN l.document END AS document
  FROM environment_locks l
 WHERE l.id = $1
