-- What hosts have in common: the names of one kind that the same hosts report, told once with these hosts. Names and hosts
-- are one a line, at most 40; the counts are whole. The largest sets of hosts come first.
-- parameters: group_name text, state text, team text, row_limit int8
-- columns: group_name text, kind text, names text, name_count int8, hosts text, host_count int8
-- shape: many
SELECT t.group_name, t.kind, array_to_string(t.names[1:40], E'\n') AS names, cardinality(t.names)::int8 AS name_count,
       array_to_string(t.hosts[1:40], E'\n') AS hosts, cardinality(t.hosts)::int8 AS host_count
  FROM (SELECT n.group_name, n.kind, n.hosts, array_agg(n.name ORDER BY n.name) AS names
          FROM (SELECT s.group_name, k.key AS kind, e.name, array_agg(DISTINCT s.host ORDER BY s.host) AS hosts
                  FROM report_standings s, json_each(s.summary::json -> 'names') k, json_array_elements_text(k.value) e (name)
                 WHERE ($1 IS NULL OR s.group_name = $1) AND ($2 IS NULL OR s.state = $2) AND ($3 IS NULL OR s.team = $3)
                 GROUP BY s.group_name, k.key, e.name) n
         GROUP BY n.group_name, n.kind, n.hosts) t
 ORDER BY t.kind IN ('shadowed', 'invalid', 'withheld', 'unknown_version'), cardinality(t.hosts) DESC, t.group_name, t.kind,
          t.names
 LIMIT $4
