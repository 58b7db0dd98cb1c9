-- Hosts of a group, a state and a team, those that differ first, from an offset. What a row says of all hosts is over those
-- of the group and the team, in whatever state. "spark" has the differences of the last reports, the oldest first.
-- parameters: group_name text, state text, team text, row_offset int8, row_limit int8
-- columns: group_name text, host text, environment text, state text, since text, safe_after text, last_report_at text,
--   reported_by text, report_count int8, differences int8, spark text, hosts_differ int8, hosts_wait int8, hosts_safe int8,
--   hosts_empty int8
-- shape: many
SELECT s.group_name, s.host, s.environment, s.state,
       rfc3339(coalesce(s.equal_since,
                        (SELECT min(p.reported_at) FROM parity_reports p
                          WHERE p.group_name = s.group_name AND p.host = s.host AND p.environment = s.environment
                            AND p.number > coalesce((SELECT max(e.number) FROM parity_reports e
                                                      WHERE e.group_name = s.group_name AND e.host = s.host
                                                        AND e.environment = s.environment AND e.equal), 0)))) AS since,
       rfc3339(s.safe_after) AS safe_after, rfc3339(s.last_report_at) AS last_report_at, s.reported_by, s.report_count,
       (SELECT p.differences FROM parity_reports p
         WHERE p.group_name = s.group_name AND p.host = s.host AND p.environment = s.environment
         ORDER BY p.number DESC LIMIT 1) AS differences,
       (SELECT string_agg(n.differences::text, E'\n' ORDER BY n.number)
          FROM (SELECT p.number, p.differences FROM parity_reports p
                 WHERE p.group_name = s.group_name AND p.host = s.host AND p.environment = s.environment
                 ORDER BY p.number DESC LIMIT 24) n) AS spark,
       s.hosts_differ, s.hosts_wait, s.hosts_safe, s.hosts_empty
  FROM (SELECT c.*
          FROM (SELECT h.*, count(*) FILTER (WHERE h.state = 'differs') OVER () AS hosts_differ,
                       count(*) FILTER (WHERE h.state = 'waiting') OVER () AS hosts_wait,
                       count(*) FILTER (WHERE h.state = 'safe') OVER () AS hosts_safe,
                       count(*) FILTER (WHERE h.state = 'empty') OVER () AS hosts_empty
                  FROM report_standings h
                 WHERE ($1 IS NULL OR h.group_name = $1) AND ($3 IS NULL OR h.team = $3)) c
         WHERE $2 IS NULL OR c.state = $2
         ORDER BY array_position(ARRAY['differs', 'waiting', 'empty', 'safe'], c.state), c.group_name, c.host, c.environment
        OFFSET $4 LIMIT $5) s
 ORDER BY array_position(ARRAY['differs', 'waiting', 'empty', 'safe'], s.state), s.group_name, s.host, s.environment
