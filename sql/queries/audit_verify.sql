-- Verifies a stretch of the audit chain: the events after one (its hash is given, so that a stretch
-- joins on to the one before). `fault` is the first event that is missing or altered, 0 when there is
-- none; the last row of the whole must be the one the registry's row names.
-- parameters: after int8, previous bytea, row_limit int8
-- columns: checked int8, last_id int8, last_hash text, fault int8, head_id int8, head_hash text
-- shape: one
WITH stretch AS (
    SELECT a.id, a.hash,
           a.id = $1 + row_number() OVER w
           AND a.previous_hash = coalesce(lag(a.hash) OVER w, $2)
           AND a.hash = audit_hash(a.previous_hash, a.id, a.at, a.actor, a.action, a.subject,
                                   a.detail) AS sound,
           $1 + row_number() OVER w AS expected
      FROM (SELECT * FROM audit_events WHERE id > $1 ORDER BY id LIMIT $3) a
    WINDOW w AS (ORDER BY a.id)
)
SELECT (SELECT count(*) FROM stretch) AS checked,
       (SELECT max(id) FROM stretch) AS last_id,
       (SELECT encode(hash, 'hex') FROM stretch ORDER BY id DESC LIMIT 1) AS last_hash,
       coalesce((SELECT min(expected) FROM stretch WHERE NOT sound), 0) AS fault,
       r.audit_count AS head_id, encode(r.audit_head, 'hex') AS head_hash
  FROM registry r
