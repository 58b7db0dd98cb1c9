-- The kept reports of one host in one group, in order, as counts: what agreed, and what differed how.
-- parameters: group_name text, host text, environment text
-- columns: at_ms int8, equal bool, same int8, only_walk int8, only_registry int8, changed int8
-- shape: many
SELECT (extract(epoch FROM p.reported_at) * 1000)::int8 AS at_ms, p.equal,
       coalesce((r.report ->> 'same')::int8, 0) AS same,
       coalesce((r.report #>> '{counts,only_walk}')::int8, 0) AS only_walk,
       coalesce((r.report #>> '{counts,only_registry}')::int8, 0) AS only_registry,
       coalesce((r.report #>> '{counts,value}')::int8, 0)
           + coalesce((r.report #>> '{counts,version}')::int8, 0) AS changed
  FROM parity_reports p, LATERAL (SELECT p.report::jsonb AS report OFFSET 0) r
 WHERE p.group_name = $1 AND p.host = $2 AND p.environment = $3
 ORDER BY p.number
