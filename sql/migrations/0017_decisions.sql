-- Who decided what, and when. Answers tell it beside the records, so it stands beside what was decided and
-- need not be looked for in the audit. What was decided before is taken from there.

ALTER TABLE packages ADD COLUMN status_at timestamptz, ADD COLUMN status_by text;
COMMENT ON COLUMN packages.status_at IS 'when status, reason or successor were set last; NULL while active';

ALTER TABLE releases ADD COLUMN yanked_by text, ADD COLUMN state_at timestamptz, ADD COLUMN state_by text;
COMMENT ON COLUMN releases.state_at IS 'when the release was quarantined; NULL while live';

UPDATE packages p SET status_at = a.at, status_by = a.actor
  FROM (SELECT DISTINCT ON (subject) subject, at, actor FROM audit_events
         WHERE action IN ('quarantine', 'deprecate', 'archive')
         ORDER BY subject, id DESC) a
 WHERE p.status <> 'active' AND a.subject = p.name;

UPDATE releases r SET state_at = a.at, state_by = a.actor
  FROM packages p,
       (SELECT DISTINCT ON (subject) subject, at, actor FROM audit_events
         WHERE action = 'quarantine' ORDER BY subject, id DESC) a
 WHERE r.state = 'quarantined' AND p.id = r.package_id AND a.subject = p.name || ' ' || r.version;

UPDATE releases r SET yanked_by = a.actor
  FROM packages p,
       (SELECT DISTINCT ON (subject) subject, actor FROM audit_events
         WHERE action = 'yank' ORDER BY subject, id DESC) a
 WHERE r.yanked_at IS NOT NULL AND p.id = r.package_id AND a.subject = p.name || ' ' || r.version;

-- The same, with who decided behind the columns that there were.
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
           r.state_by AS quarantined_by
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

-- Of every package that an environment ever decided about, the newest revision that changed the decision;
-- of the policy, under the name ''.
CREATE TABLE environment_marks (
    environment text COLLATE "C" NOT NULL REFERENCES environments (name),
    package text COLLATE "C" NOT NULL,
    revision int8 NOT NULL CHECK (revision > 0),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (environment, package)
) WITH (fillfactor = 80);
COMMENT ON COLUMN environment_marks.package IS 'normalised name; '''' is the policy';

-- The packages that two documents of an environment decide otherwise about, and '' when the policy differs.
-- Without a document before, the policy counts as changed.
CREATE FUNCTION environment_differences(before jsonb, after jsonb) RETURNS TABLE (package text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(a.key, b.key)
      FROM jsonb_each(coalesce(before -> 'plugins', '{}')) b
      FULL JOIN jsonb_each(coalesce(after -> 'plugins', '{}')) a ON a.key = b.key
     WHERE a.value IS DISTINCT FROM b.value
     UNION ALL
    SELECT '' WHERE before IS NULL OR before -> 'policy' IS DISTINCT FROM after -> 'policy'
$$;

INSERT INTO environment_marks (environment, package, revision, changed_at, changed_by)
SELECT DISTINCT ON (r.environment, d.package) r.environment, d.package, r.revision, r.changed_at,
       r.changed_by
  FROM environment_revisions r
  LEFT JOIN environment_revisions b ON b.environment = r.environment AND b.revision = r.revision - 1,
       environment_differences(b.document::jsonb, r.document::jsonb) d
 ORDER BY r.environment, d.package, r.revision DESC;
