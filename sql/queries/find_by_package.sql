-- Entry points of the newest release of a package, behind a place; the other parameters narrow them (NULL: any).
-- parameters: key text, group_name text, name text, package text, value text, module text, after_group text,
--   after_name text, after_package text, row_limit int8
-- columns: group_name text, name text, value text, package text, version text, status text
-- shape: many
SELECT e.group_name, e.name, e.value, p.name AS package, r.version, p.status
  FROM packages p
 CROSS JOIN LATERAL (SELECT latest_release(p.id) AS id OFFSET 0) newest
  JOIN releases r ON r.id = newest.id
  JOIN entry_points e ON e.release_id = newest.id
 WHERE p.name = $1 AND p.status <> 'quarantined'
   AND coalesce(e.group_name = $2, true)
   AND coalesce(e.name = $3, true)
   AND coalesce(p.name = $4, true)
   AND coalesce(e.value = $5 OR entry_attribute(e.value) = $5, true)
   AND coalesce(entry_module(e.value) = $6, true)
   AND (e.group_name, e.name, p.name) > ($7, $8, $9)
 ORDER BY e.group_name, e.name, p.name
 LIMIT $10
