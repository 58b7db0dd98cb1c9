-- Adds the folders of a wheel whose row is written, in the same transaction. Asked after the registry row is locked
-- (artifact_add), so that of two packages that come into one folder at once the second sees the first.
-- parameters: filename text, folders text[], names text[]
-- shape: none
-- writes: yes
WITH file AS (
    SELECT a.id, r.package_id FROM artifacts a JOIN releases r ON r.id = a.release_id WHERE a.filename = $1
), folder AS (
    INSERT INTO wheel_folders (artifact_id, folder, names)
    SELECT file.id, n.folder, n.names FROM file, unnest($2, $3) AS n (folder, names)
), claimed AS (
    INSERT INTO package_folders (folder, package_id)
    SELECT n.folder, file.package_id FROM file, unnest($2) AS n (folder)
    ON CONFLICT DO NOTHING
    RETURNING folder, package_id
)
INSERT INTO path_sharers (package_id)
SELECT file.package_id FROM file
 WHERE EXISTS (SELECT FROM claimed c JOIN package_folders f ON f.folder = c.folder
                WHERE f.package_id <> c.package_id)
ON CONFLICT DO NOTHING
