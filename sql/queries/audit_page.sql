-- Audit events by number, after one.
-- parameters: after int8, row_limit int8
-- columns: id int8, at text, actor text, action text, subject text, detail text, hash text
-- shape: many
SELECT a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, a.actor,
       a.action, a.subject, a.detail::text AS detail, encode(a.hash, 'hex') AS hash
  FROM audit_events a
 WHERE a.id > $1
 ORDER BY a.id
 LIMIT $2
