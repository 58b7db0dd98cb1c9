-- The dashboard of the transition: how many entry points a kept report found different stands beside it, so that a line
-- of many hosts over time reads no reports.
CREATE FUNCTION report_differences(report text) RETURNS int8
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((c.counts ->> 'only_walk')::int8, 0) + coalesce((c.counts ->> 'only_registry')::int8, 0)
           + coalesce((c.counts ->> 'value')::int8, 0) + coalesce((c.counts ->> 'version')::int8, 0)
      FROM (SELECT report::json -> 'counts' AS counts) c
$$;

ALTER TABLE parity_reports ADD COLUMN differences int8 NOT NULL GENERATED ALWAYS AS (report_differences(report)) STORED;

-- Where a host stands: it differs, it agrees on nothing, it agrees and waits, or it is safe.
CREATE FUNCTION report_state(equal boolean, same numeric, safe boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN NOT equal THEN 'differs' WHEN same = 0 THEN 'empty' WHEN safe THEN 'safe' ELSE 'waiting' END
$$;

CREATE VIEW report_standings AS
SELECT s.*, report_state(s.equal, (s.summary::json ->> 'same')::numeric, s.equal AND s.last_report_at >= s.safe_after) AS state
  FROM (SELECT d.*, split_part(d.reported_by, '/', 1) AS team,
               d.equal_since + coalesce((d.summary::json ->> 'for_seconds')::float8, 86400) * interval '1 second' AS safe_after
          FROM report_states d) s;
COMMENT ON VIEW report_standings IS 'report_states with the team that reports, the state, and from when on reports make the host safe';
