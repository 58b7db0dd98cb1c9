-- Which paths of a wheel the current wheels of other packages hold: of each such package one of the paths, and how
-- many there are. A package that names this one as its successor does not count, and at most 500 are looked at.
-- parameters: package text, folders text[], names text[]
-- columns: package text, version text, path text, count int8
-- shape: many
WITH mine AS MATERIALIZED (
    SELECT n.folder, n.names FROM unnest($2, $3) AS n (folder, names)
), other AS MATERIALIZED (
    SELECT DISTINCT p.id, p.name
      FROM mine
      JOIN package_folders f ON f.folder = mine.folder
      JOIN packages p ON p.id = f.package_id
     WHERE p.name <> $1 AND p.status <> 'quarantined' AND p.replaced_by IS DISTINCT FROM $1
     ORDER BY p.name LIMIT 500
)
SELECT other.name AS package, wheel.version, min(path.name COLLATE "C") AS path,
       count(DISTINCT path.name) AS count
  FROM other
 CROSS JOIN LATERAL current_wheels(other.id) AS wheel
  JOIN wheel_folders w ON w.artifact_id = wheel.artifact_id
  JOIN mine ON mine.folder = w.folder
 CROSS JOIN LATERAL (SELECT folder_paths(mine.folder, mine.names)
                     INTERSECT SELECT folder_paths(w.folder, w.names)) AS path (name)
 GROUP BY other.name, wheel.version
 ORDER BY other.name
