-- The number of the newest audit event; 0 when there is none.
-- columns: newest int8
-- shape: one
SELECT r.audit_count AS newest
  FROM registry r
