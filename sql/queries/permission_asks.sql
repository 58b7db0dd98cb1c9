-- The permissions that the manifests of live releases ask for and that are not among those known; and the
-- entry points without a manifest here, whose permissions nothing tells (permission NULL). Scripts are
-- commands, which no host loads.
-- parameters: packages text[], known text[]
-- columns: package text, version text, group_name text, name text, permission text
-- shape: many
SELECT p.name AS package, r.version, e.group_name, e.name, asked.item #>> '{}' AS permission
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.state = 'live'
  JOIN entry_points e ON e.release_id = r.id
  LEFT JOIN LATERAL jsonb_array_elements(
           CASE jsonb_typeof(e.manifest::jsonb -> 'permissions')
                WHEN 'array' THEN e.manifest::jsonb -> 'permissions' ELSE '[]' END) AS asked (item) ON true
 WHERE p.name = ANY ($1)
   AND CASE WHEN e.manifest IS NULL THEN e.group_name NOT IN ('console_scripts', 'gui_scripts')
            ELSE jsonb_typeof(asked.item) = 'string' AND asked.item #>> '{}' <> ALL ($2) END
 ORDER BY p.name, r.version_key DESC, e.group_name, e.name, permission
