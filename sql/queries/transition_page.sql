-- Where hosts stand, by group, host and environment, from after the cursor (the three, one a line). What
-- is said of a whole group is over all its hosts, also those that are not on the page. A group in which
-- no host has an entry point is never equal as a whole. A host is safe to switch when its reports have agreed
-- for as long as it asked for (a day, unless it says otherwise): so the first of them and the last are two.
-- parameters: groups text[], host text, after text, row_limit int8
-- columns: group_name text, host text, environment text, equal bool, equal_since text, safe bool,
--   first_report_at text, last_report_at text, reported_by text, report_count int8, summary text,
--   hosts_total int8, hosts_equal int8, hosts_safe int8, group_equal_since text, group_safe_after text
-- shape: many
SELECT s.group_name, s.host, s.environment, s.equal, rfc3339(s.equal_since) AS equal_since, s.safe,
       rfc3339(s.first_report_at) AS first_report_at, rfc3339(s.last_report_at) AS last_report_at,
       s.reported_by, s.report_count, s.summary, s.hosts_total, s.hosts_equal, s.hosts_safe,
       rfc3339(s.group_equal_since) AS group_equal_since,
       CASE WHEN s.group_equal_since IS NOT NULL THEN rfc3339(s.all_safe_after) END
           AS group_safe_after
  FROM (SELECT r.*,
               count(*) OVER of_group AS hosts_total,
               count(*) FILTER (WHERE r.equal) OVER of_group AS hosts_equal,
               count(*) FILTER (WHERE r.safe) OVER of_group AS hosts_safe,
               max(r.safe_after) OVER of_group AS all_safe_after,
               CASE WHEN bool_and(r.equal) OVER of_group
                     AND sum((r.summary::json ->> 'same')::numeric) OVER of_group IS DISTINCT FROM 0
                    THEN max(r.equal_since) OVER of_group END AS group_equal_since
          FROM (SELECT h.*, h.equal AND h.last_report_at >= h.safe_after AS safe
                  FROM (SELECT d.*,
                               d.equal_since
                                   + coalesce((d.summary::json ->> 'for_seconds')::float8, 86400)
                                     * interval '1 second' AS safe_after
                          FROM report_states d) h) r
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
