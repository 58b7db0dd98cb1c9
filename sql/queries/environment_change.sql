-- Makes the next revision of an environment, or the first when the base is 0, with its change and audit
-- event, marks of what it decides otherwise than the base, and a lock when the text of a new one is given. No
-- row when the newest revision is another than the base, or when the environment has as many revisions of the
-- last day as it may have. The environment's row is locked, then the registry row.
-- Secrets that come with it are a JSON array: {"package","group_name","name","pointer","key_id","sealed","set_at"}, where
-- "sealed" is null for one that goes. Nothing is done when another key than theirs seals now.
-- parameters: name text, base int8, document text, action text, summary text, package text, actor text,
--   daily_limit int8, lock_id int8, new_lock text, release_count int8, is_archived bool, reason text,
--   secrets text
-- columns: revision int8, epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH asked AS (
    SELECT a.* FROM jsonb_to_recordset(coalesce($14, '[]')::jsonb)
           AS a(package text, group_name text, name text, pointer text, key_id text, sealed text, set_at text)
), present_key AS (
    SELECT k.key_id FROM secrets_key k WHERE EXISTS (SELECT FROM asked a WHERE a.sealed IS NOT NULL) FOR SHARE
), next AS (
    UPDATE environments e SET revision = e.revision + 1
     WHERE e.name = $1 AND e.revision = $2
       AND NOT EXISTS (SELECT FROM environment_revisions r
                        WHERE r.environment = $1 AND r.revision = e.revision - $8 + 1
                          AND r.changed_at > now() - interval '1 day')
       AND NOT EXISTS (SELECT FROM asked a
                        WHERE a.sealed IS NOT NULL AND a.key_id NOT IN (SELECT k.key_id FROM present_key k))
    RETURNING e.revision
), first AS (
    INSERT INTO environments (name, revision)
    SELECT $1, 1
     WHERE $2 = 0 AND NOT EXISTS (SELECT FROM asked a
                                   WHERE a.sealed IS NOT NULL AND a.key_id NOT IN (SELECT k.key_id FROM present_key k))
    ON CONFLICT DO NOTHING
    RETURNING revision
), made AS (
    SELECT revision FROM next UNION ALL SELECT revision FROM first
), locked AS (
    INSERT INTO environment_locks (environment, revision, document, release_count, made_at, made_by)
    SELECT $1, $2, $10, $11, clock_timestamp(), $7
      FROM made
     WHERE $10 IS NOT NULL
    RETURNING id
), added AS (
    INSERT INTO environment_revisions (environment, revision, document, description, plugin_count,
                                       action, summary, package, changed_at, changed_by, lock_id,
                                       is_archived, reason)
    SELECT $1, n.revision, $3, $3::jsonb ->> 'description',
           (SELECT count(*) FROM jsonb_object_keys(coalesce($3::jsonb -> 'plugins', '{}'))),
           $4, $5, $6, clock_timestamp(), $7,
           coalesce((SELECT id FROM locked), nullif($9, 0)), $12, $13
      FROM made n
    RETURNING revision, changed_at
), sealed AS (
    INSERT INTO environment_secrets AS s (environment, package, group_name, name, pointer, key_id, sealed, set_at, set_by)
    SELECT $1, a.package, a.group_name, a.name, a.pointer, a.key_id, decode(a.sealed, 'hex'), a.set_at, $7
      FROM added, asked a
     WHERE a.sealed IS NOT NULL
    ON CONFLICT (environment, package, group_name, name, pointer) DO UPDATE
        SET key_id = excluded.key_id, sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by
), dropped AS (
    DELETE FROM environment_secrets s
     USING added, asked a
     WHERE a.sealed IS NULL AND s.environment = $1 AND s.package = a.package AND s.group_name = a.group_name
       AND s.name = a.name AND s.pointer = a.pointer
), marked AS (
    INSERT INTO environment_marks AS m (environment, package, revision, changed_at, changed_by)
    SELECT $1, d.package, a.revision, a.changed_at, $7
      FROM added a,
           environment_differences((SELECT b.document::jsonb FROM environment_revisions b
                                     WHERE b.environment = $1 AND b.revision = $2), $3::jsonb) d
    ON CONFLICT (environment, package) DO UPDATE
        SET revision = excluded.revision, changed_at = excluded.changed_at,
            changed_by = excluded.changed_by
)
SELECT added.revision, c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM added,
       record_change('environment', $6, NULL, '{}', $7,
                     jsonb_build_object('environment', $1, 'revision', added.revision,
                                        'action', $4, 'summary', $5)
                     || CASE WHEN $13 IS NULL THEN '{}' ELSE jsonb_build_object('reason', $13) END,
                     environment => $1, reason => $13) AS c
