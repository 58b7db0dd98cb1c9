-- Entry points of the newest releases, found by the entry-point name, behind a place; the other parameters narrow them (NULL: any).
-- parameters: key text, group_name text, name text, package text, value text, module text, after_group text,
--   after_name text, after_package text, row_limit int8
-- columns: group_name text, name text, value text, package text, version text, status text
-- shape: many
SELECT e.group_name, e.name, e.value, p.name AS package, r.version, p.status
  FROM entry_points e
  JOIN releases r ON r.id = e.release_id
  JOIN packages p ON p.id = r.package_id
 WHERE e.name = $1
   AND ($2::text IS NULL OR e.group_name = $2)
   AND ($3::text IS NULL OR e.name = $3)
   AND ($4::text IS NULL OR p.name = $4)
   AND ($5::text IS NULL OR e.value = $5 OR entry_attribute(e.value) = $5)
   AND ($6::text IS NULL OR entry_module(e.value) = $6)
   AND (e.group_name, e.name) >= ($7, $8)
   AND (e.group_name, e.name, p.name) > ($7, $8, $9)
   AND p.status <> 'quarantined'
   AND e.release_id = latest_release(p.id)
 ORDER BY e.group_name, e.name, p.name
 LIMIT $10
