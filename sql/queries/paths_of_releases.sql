-- Which of the releases hold the same paths in their wheels: of each pair one of the paths, and how many there are.
-- parameters: packages text[], versions text[]
-- columns: package text, version text, other text, other_version text, path text, count int8
-- shape: many
WITH held AS MATERIALIZED (
    SELECT DISTINCT p.name, r.version, w.folder, w.names
      FROM unnest($1, $2) AS wanted (package, version)
      JOIN packages p ON p.name = wanted.package
      JOIN releases r ON r.package_id = p.id AND r.version = wanted.version
      JOIN artifacts a ON a.release_id = r.id AND a.kind = 'wheel'
      JOIN wheel_folders w ON w.artifact_id = a.id
)
SELECT one.name AS package, one.version, other.name AS other, other.version AS other_version,
       min(path.name COLLATE "C") AS path, count(DISTINCT path.name) AS count
  FROM held one
  JOIN held other ON other.folder = one.folder AND other.name > one.name
 CROSS JOIN LATERAL (SELECT folder_paths(one.folder, one.names)
                     INTERSECT SELECT folder_paths(other.folder, other.names)) AS path (name)
 GROUP BY one.name, one.version, other.name, other.version
 ORDER BY one.name, other.name
