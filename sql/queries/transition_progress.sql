-- The whole move over time: how many hosts of a group and a team had reported by a moment, and how many of them agree since
-- then or before. 51 moments, evenly spread; a host that differs again no longer counts from the start.
-- parameters: group_name text, team text
-- columns: at_ms int8, hosts_total int8, hosts_equal int8
-- shape: many
WITH hosts AS (
    SELECT s.first_report_at, s.equal_since FROM report_standings s
     WHERE ($1 IS NULL OR s.group_name = $1) AND ($2 IS NULL OR s.team = $2)
), span AS (
    SELECT min(h.first_report_at) AS begun, greatest(now(), min(h.first_report_at) + interval '1 second') AS ended FROM hosts h
)
SELECT (extract(epoch FROM m.at) * 1000)::int8 AS at_ms,
       (SELECT count(*) FROM hosts h WHERE h.first_report_at <= m.at) AS hosts_total,
       (SELECT count(*) FROM hosts h WHERE h.equal_since <= m.at) AS hosts_equal
  FROM span, LATERAL (SELECT span.begun + (span.ended - span.begun) * n / 50.0 AS at FROM generate_series(0, 50) n) m
 WHERE span.begun IS NOT NULL
 ORDER BY m.at
