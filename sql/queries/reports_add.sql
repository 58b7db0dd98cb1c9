-- Adds one report a group of what a host found, drops those beyond the number and the bytes kept, and
-- says where the host stands now. No row, and nothing added, when the actor would begin more states (a group on a
-- host in an environment) within a day than it may. States are locked by group, then the registry row for the audit event.
-- parameters: host text, environment text, origin text, actor text, kept int8, groups text[],
--   equals int8[], summaries text[], reports text[], kept_bytes int8, new_states int8
-- columns: group_name text, equal bool, equal_since text, report_count int8
-- shape: many
-- writes: yes
WITH input AS MATERIALIZED (
    SELECT i.group_name, i.equal <> 0 AS equal, i.summary, i.report
      FROM unnest($6, $7, $8, $9) AS i (group_name, equal, summary, report)
), allowed AS MATERIALIZED ( -- counted only when a state is new, which is the exception
    SELECT CASE WHEN fresh.states = 0 THEN true
                ELSE fresh.states + (SELECT count(*) FROM report_states s
                                      WHERE s.reported_by = $4
                                        AND s.first_report_at > now() - interval '1 day') <= $11
           END AS is_allowed
      FROM (SELECT count(*) AS states FROM input i
             WHERE NOT EXISTS (SELECT FROM report_states s
                                WHERE s.group_name = i.group_name AND s.host = $1
                                  AND s.environment = $2)) fresh
), state AS (
    INSERT INTO report_states AS s (group_name, host, environment, equal, equal_since, summary,
                                    report_count, first_report_at, last_report_at, reported_by)
    SELECT i.group_name, $1, $2, i.equal, CASE WHEN i.equal THEN now() END, i.summary, 1, now(),
           now(), $4
      FROM input i, allowed WHERE allowed.is_allowed ORDER BY i.group_name COLLATE "C"
    ON CONFLICT (group_name, host, environment) DO UPDATE
        SET equal = excluded.equal,
            equal_since = CASE WHEN excluded.equal THEN coalesce(s.equal_since, now()) END,
            summary = excluded.summary,
            report_count = s.report_count + 1,
            last_report_at = greatest(s.last_report_at, now()),
            reported_by = excluded.reported_by
    RETURNING s.group_name, s.equal, s.equal_since, s.report_count
), added AS (
    INSERT INTO parity_reports (group_name, host, environment, number, equal, origin, report,
                                reported_at, reported_by)
    SELECT state.group_name, $1, $2, state.report_count, i.equal, $3, i.report, now(), $4
      FROM state JOIN input i ON i.group_name = state.group_name
    RETURNING 1
), earlier AS ( -- without the one that is added, and with the bytes of all from each on
    SELECT p.group_name, p.number, state.report_count,
           sum(octet_length(p.report)) OVER (PARTITION BY p.group_name ORDER BY p.number DESC)
               AS bytes
      FROM parity_reports p JOIN state ON p.group_name = state.group_name
     WHERE p.host = $1 AND p.environment = $2
), dropped AS (
    DELETE FROM parity_reports p USING earlier e
     WHERE p.group_name = e.group_name AND p.host = $1 AND p.environment = $2
       AND p.number = e.number AND (e.number <= e.report_count - $5 OR e.bytes > $10)
    RETURNING 1
), counted AS ( -- so that the registry row is locked after everything else is written
    SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM dropped) AS rows
), audit AS MATERIALIZED (
    SELECT record_audit($4, 'report', concat_ws(' ', $1, $2),
                        (SELECT jsonb_object_agg(i.group_name, i.equal) FROM input i)) AS event
      FROM counted WHERE counted.rows > 0
)
SELECT state.group_name, state.equal, rfc3339(state.equal_since) AS equal_since, state.report_count
  FROM state, audit
 ORDER BY state.group_name
