-- Which of the releases hold the same paths in their wheels: of each pair one of the paths, and how many there are.
-- Only packages near one that came into a folder of another (path_sharers) are looked at.
-- parameters: packages text[], versions text[]
-- columns: package text, version text, other text, other_version text, path text, count int8
-- shape: many
WITH wanted AS MATERIALIZED (
    SELECT p.id AS package_id, p.name, r.id AS release_id, r.version
      FROM unnest($1, $2) AS asked (package, version)
      JOIN packages p ON p.name = asked.package
      JOIN releases r ON r.package_id = p.id AND r.version = asked.version
), near AS MATERIALIZED (
    SELECT DISTINCT f.package_id
      FROM wanted
      JOIN path_sharers s ON s.package_id = wanted.package_id
      JOIN artifacts a ON a.release_id = wanted.release_id AND a.kind = 'wheel'
      JOIN wheel_folders w ON w.artifact_id = a.id
      JOIN package_folders f ON f.folder = w.folder
), held AS MATERIALIZED (
    SELECT DISTINCT wanted.name, wanted.version, w.folder, w.names
      FROM wanted
      JOIN near ON near.package_id = wanted.package_id
      JOIN artifacts a ON a.release_id = wanted.release_id AND a.kind = 'wheel'
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
