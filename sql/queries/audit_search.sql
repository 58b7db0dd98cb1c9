-- Audit events from newer to older, of a stretch of numbers: below one, from another on. Each word is the beginning
-- of what the event says; NULL matches all. The stretch bounds what a rare word costs.
-- parameters: below int8, floor int8, actor text, action text, subject text, row_limit int8
-- columns: id int8, at text, actor text, action text, subject text, detail text, hash text
-- shape: many
SELECT a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, a.actor,
       a.action, a.subject, a.detail::text AS detail, encode(a.hash, 'hex') AS hash
  FROM audit_events a
 WHERE a.id < $1
   AND a.id >= $2
   AND starts_with(a.actor, coalesce($3, ''))
   AND starts_with(a.action, coalesce($4, ''))
   AND starts_with(a.subject, coalesce($5, ''))
 ORDER BY a.id DESC
 LIMIT $6
