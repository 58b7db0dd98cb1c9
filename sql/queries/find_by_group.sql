-- Entry points of the newest releases, found by the group, behind a place;
-- the other parameters narrow them (NULL: any).
-- The index gives them in the order of the answer, so a page reads little more than its rows. OFFSET 0 keeps the
-- planner from beginning with the packages.
-- parameters: key text, group_name text, name text, package text, value text, module text, after_group text,
--   after_name text, after_package text, row_limit int8
-- columns: group_name text, name text, value text, package text, version text, status text
-- shape: many
SELECT e.group_name, e.name, e.value, f.package, f.version, f.status
  FROM (SELECT o.group_name, o.name, o.value, o.release_id FROM entry_points o
         WHERE o.group_name = $1
           AND coalesce(o.group_name = $2, true)
           AND coalesce(o.name = $3, true)
           AND coalesce(o.value = $5 OR entry_attribute(o.value) = $5, true)
           AND coalesce(entry_module(o.value) = $6, true)
           AND (o.group_name, o.name) >= ($7, $8)
         ORDER BY o.name) e
 CROSS JOIN LATERAL (SELECT p.name AS package, r.version, p.status
                       FROM releases r
                       JOIN packages p ON p.id = r.package_id
                      WHERE r.id = e.release_id AND p.status <> 'quarantined'
                        AND coalesce(p.name = $4, true)
                        AND latest_release(p.id) = r.id OFFSET 0) f
 WHERE (e.group_name, e.name, f.package) > ($7, $8, $9)
 ORDER BY e.name, f.package
 LIMIT $10
