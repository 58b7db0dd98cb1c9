-- Where hosts stand, by group, host and environment, from after the cursor (the three, one a line). What
-- is said of a whole group is over all its hosts, also those that are not on the page. A group in which
-- no host has an entry point is never equal as a whole.
-- parameters: groups text[], host text, after text, row_limit int8
-- columns: group_name text, host text, environment text, equal bool, equal_since text,
--   first_report_at text, last_report_at text, reported_by text, report_count int8, summary text,
--   hosts_total int8, hosts_equal int8, group_equal_since text
-- shape: many
SELECT s.group_name, s.host, s.environment, s.equal, rfc3339(s.equal_since) AS equal_since,
       rfc3339(s.first_report_at) AS first_report_at, rfc3339(s.last_report_at) AS last_report_at,
       s.reported_by, s.report_count, s.summary, s.hosts_total, s.hosts_equal,
       rfc3339(s.group_equal_since) AS group_equal_since
  FROM (SELECT r.*,
               count(*) OVER of_group AS hosts_total,
               count(*) FILTER (WHERE r.equal) OVER of_group AS hosts_equal,
               CASE WHEN bool_and(r.equal) OVER of_group
                     AND sum((r.summary::json ->> 'same')::numeric) OVER of_group IS DISTINCT FROM 0
                    THEN max(r.equal_since) OVER of_group END AS group_equal_since
          FROM report_states r
         WHERE (cardinality($1) = 0 OR r.group_name = ANY ($1))
           AND ($2 IS NULL
                OR r.group_name IN (SELECT h.group_name FROM report_states h WHERE h.host = $2))
           AND r.group_name >= split_part($3, E'\n', 1)
        WINDOW of_group AS (PARTITION BY r.group_name)) s
 WHERE ($2 IS NULL OR s.host = $2)
   AND (s.group_name, s.host, s.environment)
       > (split_part($3, E'\n', 1), split_part($3, E'\n', 2), split_part($3, E'\n', 3))
 ORDER BY s.group_name, s.host, s.environment
 LIMIT $4
