-- The releases with entry points in a group, from behind one, with these entry points and their manifests as JSON.
-- parameters: group_name text, after int8, row_limit int8
-- columns: id int8, package text, version text, entries text
-- shape: many
SELECT r.id, p.name AS package, r.version,
       (SELECT json_agg(json_build_object('name', e.name, 'value', e.value, 'manifest', e.manifest) ORDER BY e.name)
          FROM entry_points e
         WHERE e.release_id = r.id AND e.group_name = $1)::text AS entries
  FROM (SELECT DISTINCT e.release_id
          FROM entry_points e
         WHERE e.group_name = $1 AND e.release_id > $2
         ORDER BY e.release_id
         LIMIT $3) AS held
  JOIN releases r ON r.id = held.release_id
  JOIN packages p ON p.id = r.package_id
 ORDER BY r.id
