-- What environments that are not archived set for packages with entry points in a group, from behind one, and for single
-- entry points of the group: {"NAME": {"settings": {…}}}.
-- parameters: group_name text, environment text, package text, row_limit int8
-- columns: environment text, package text, settings text, entries text
-- shape: many
SELECT e.name AS environment, s.key AS package, (s.value -> 'settings')::text AS settings,
       (s.value -> 'entry_points' -> $1)::text AS entries
  FROM environments e
  JOIN environment_revisions r ON r.environment = e.name AND r.revision = e.revision AND NOT r.is_archived
 CROSS JOIN jsonb_each(coalesce(r.document::jsonb -> 'plugins', '{}')) AS s
 WHERE e.name >= $2 AND (e.name, s.key COLLATE "C") > ($2, $3)
   AND (s.value ? 'settings' OR s.value -> 'entry_points' ? $1)
   AND EXISTS (SELECT FROM packages p
                 JOIN group_entries g ON g.package_id = p.id AND g.group_name = $1
                WHERE p.name = s.key)
 ORDER BY e.name, s.key COLLATE "C"
 LIMIT $4
