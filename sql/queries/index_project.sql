-- What the index page of a package says before its files: its status, the versions that are not quarantined
-- (the newest first, one a line), the entry points of its latest release, and its last change.
-- parameters: package text
-- columns: name text, status text, status_reason text, versions text, entry_points text, last_serial int8
-- shape: optional
SELECT p.name, p.status, p.status_reason,
       (SELECT coalesce(string_agg(r.version, E'\n' ORDER BY r.version_key DESC), '')
          FROM releases r WHERE r.package_id = p.id AND r.state = 'live') AS versions,
       (SELECT coalesce(jsonb_object_agg(g.group_name, g.entries), '{}')::text
          FROM (SELECT e.group_name, jsonb_object_agg(e.name, e.value) AS entries
                  FROM entry_points e
                 WHERE e.release_id = latest_release(p.id) GROUP BY e.group_name) g) AS entry_points,
       (SELECT coalesce(max(c.serial), 0) FROM changes c WHERE c.package = p.name) AS last_serial
  FROM packages p
 WHERE p.name = $1
