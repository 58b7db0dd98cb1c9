-- The permissions that the manifests of live releases ask for and that are not among those known.
-- parameters: packages text[], known text[]
-- columns: package text, version text, group_name text, name text, permission text
-- shape: many
SELECT p.name AS package, r.version, e.group_name, e.name, asked.item #>> '{}' AS permission
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.state = 'live'
  JOIN entry_points e ON e.release_id = r.id AND e.manifest IS NOT NULL
 CROSS JOIN LATERAL jsonb_array_elements(
           CASE jsonb_typeof(e.manifest::jsonb -> 'permissions')
                WHEN 'array' THEN e.manifest::jsonb -> 'permissions' ELSE '[]' END) AS asked (item)
 WHERE p.name = ANY ($1)
   AND jsonb_typeof(asked.item) = 'string' AND asked.item #>> '{}' <> ALL ($2)
 ORDER BY p.name, r.version_key DESC, e.group_name, e.name, permission
