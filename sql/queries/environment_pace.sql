-- In how many seconds the environment may have its next revision; 0 when it may have one now, or when there is
-- no such environment.
-- parameters: name text, daily_limit int8
-- columns: wait_seconds int8
-- shape: one
SELECT coalesce((SELECT greatest(0, ceil(extract(epoch FROM r.changed_at + interval '1 day' - now())))::int8
                   FROM environments e
                   JOIN environment_revisions r ON r.environment = e.name
                                               AND r.revision = e.revision - $2 + 1
                  WHERE e.name = $1), 0) AS wait_seconds
