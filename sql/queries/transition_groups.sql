-- Groups of which hosts report, those in which a host differs first. A group is safe from the moment on at which its last
-- host is: `safe_after` is NULL while a host differs, or when no host has an entry point.
-- parameters: group_name text, row_limit int8
-- columns: group_name text, hosts_total int8, hosts_equal int8, is_safe bool, equal_since text, safe_after text
-- shape: many
SELECT g.group_name, g.hosts_total, g.hosts_equal, g.is_equal AND g.all_safe AS is_safe,
       CASE WHEN g.is_equal THEN rfc3339(g.equal_since) END AS equal_since,
       CASE WHEN g.is_equal THEN rfc3339(g.safe_after) END AS safe_after
  FROM (SELECT s.group_name, count(*) AS hosts_total, count(*) FILTER (WHERE s.equal) AS hosts_equal,
               bool_and(s.equal) AND bool_or(s.state <> 'empty') AS is_equal,
               bool_and(s.equal AND s.last_report_at >= s.safe_after) AS all_safe, max(s.equal_since) AS equal_since,
               max(s.safe_after) AS safe_after
          FROM report_standings s
         WHERE $1 IS NULL OR s.group_name = $1
         GROUP BY s.group_name) g
 ORDER BY g.hosts_equal = g.hosts_total, g.group_name
 LIMIT $2
