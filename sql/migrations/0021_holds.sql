-- A hold keeps new releases of a package, or of all packages in a group, out of every answer, while those that
-- were there stay. What is new is told by the release's number: everything published later has a greater one.

CREATE TABLE holds (
    is_group boolean NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
    after_release int8 NOT NULL CHECK (after_release >= 0),
    reason text NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1000),
    held_at timestamptz NOT NULL,
    held_by text NOT NULL,
    PRIMARY KEY (is_group, name)
);
COMMENT ON COLUMN holds.after_release IS 'the newest release that is not held';

-- Begins a hold, gives it another reason, or ends it (without a reason). No row when it is so already. Publishes
-- that are under way are waited for, and new ones wait: so each release is plainly before the hold or after it.
CREATE FUNCTION hold_set(of_group boolean, held_name text, why text, actor text,
                         OUT epoch text, OUT serial int8) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    is_changed boolean;
BEGIN
    IF why IS NULL THEN
        DELETE FROM holds h WHERE h.is_group = of_group AND h.name = held_name;
    ELSE
        LOCK TABLE releases IN SHARE MODE;
        INSERT INTO holds AS h (is_group, name, after_release, reason, held_at, held_by)
        SELECT of_group, held_name, coalesce(max(r.id), 0), why, clock_timestamp(), actor FROM releases r
        ON CONFLICT (is_group, name) DO UPDATE SET reason = why WHERE h.reason <> why;
    END IF;
    is_changed := FOUND;
    IF is_changed THEN
        SELECT c.current_epoch, c.new_serial INTO epoch, serial
          FROM record_change(CASE WHEN why IS NULL THEN 'unhold' ELSE 'hold' END,
                             CASE WHEN NOT of_group THEN held_name END, NULL,
                             CASE WHEN of_group THEN ARRAY[held_name]
                                  ELSE coalesce((SELECT groups_of_package(p.id) FROM packages p
                                                  WHERE p.name = held_name), '{}') END,
                             actor, jsonb_build_object('reason', why), reason => why) AS c;
        RETURN NEXT;
    END IF;
END
$$;

-- The same, with the number of the release behind the columns that there were.
CREATE OR REPLACE VIEW candidates AS
    SELECT p.id AS package_id, p.name AS package, p.display_name, p.status, p.status_reason,
           p.replaced_by, r.version, r.version_key, r.prerelease,
           CASE WHEN r.yanked_at IS NOT NULL THEN coalesce(r.yanked_reason, '') END AS yanked,
           CASE WHEN r.state = 'quarantined' THEN coalesce(r.state_reason, '') END AS quarantined,
           (extract(epoch FROM r.published_at) * 1000)::int8 AS published_ms,
           r.requires_python, r.requires_dist, files.wheel_tags, files.has_sdist,
           e.group_name AS entry_group, e.name AS entry_name, e.value AS entry_value,
           e.manifest AS entry_manifest,
           p.owner, (extract(epoch FROM p.status_at) * 1000)::int8 AS status_ms, p.status_by,
           (extract(epoch FROM r.yanked_at) * 1000)::int8 AS yanked_ms, r.yanked_by,
           (extract(epoch FROM r.state_at) * 1000)::int8 AS quarantined_ms,
           r.state_by AS quarantined_by, r.id AS release_id
      FROM packages p
      JOIN releases r ON r.package_id = p.id
     CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT tag.name, ' ' ORDER BY tag.name)
                   FILTER (WHERE a.kind = 'wheel') AS wheel_tags,
               coalesce(bool_or(a.kind = 'sdist'), false) AS has_sdist
          FROM artifacts a
          LEFT JOIN LATERAL unnest(a.tags) AS tag (name) ON true
         WHERE a.release_id = r.id
     ) files
      LEFT JOIN entry_points e ON e.release_id = r.id;
