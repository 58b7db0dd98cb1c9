-- Where the files of wheels lie once they are installed. pip overwrites a path that two packages hold, so the
-- registry says it before: to who publishes, and to who selects both. Wheels of before have no rows.

CREATE TABLE wheel_folders (
    artifact_id bigint NOT NULL REFERENCES artifacts (id),
    folder text COLLATE "C" NOT NULL CHECK (octet_length(folder) BETWEEN 1 AND 1040),
    names text COLLATE "C" NOT NULL,
    PRIMARY KEY (artifact_id, folder)
);
COMMENT ON COLUMN wheel_folders.folder IS
    'as installed: "plugins/crm"; a file at the top of site-packages is a folder of its own';
COMMENT ON COLUMN wheel_folders.names IS 'of the files in it, one a line; empty: the folder is the file';

-- The same over all wheels of a package. A publish looks for other packages here, however many versions there are.
CREATE TABLE package_folders (
    folder text COLLATE "C" NOT NULL,
    package_id bigint NOT NULL REFERENCES packages (id),
    PRIMARY KEY (folder, package_id)
);

-- Packages that came into a folder where another package was before. Two packages whose files may meet: at least one
-- of them is here.
CREATE TABLE path_sharers (package_id bigint PRIMARY KEY REFERENCES packages (id));

CREATE TRIGGER wheel_folders_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON wheel_folders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER package_folders_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON package_folders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER path_sharers_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON path_sharers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- The whole paths of the files in a folder.
CREATE FUNCTION folder_paths(folder text, names text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT folder WHERE names = ''
    UNION ALL
    SELECT folder || '/' || n.name FROM unnest(string_to_array(names, E'\n')) AS n (name)
$$;

-- The wheels that hosts get of a package: those of its newest release that is live and not yanked, a final one first.
CREATE FUNCTION current_wheels(of_package bigint) RETURNS TABLE (artifact_id bigint, version text)
LANGUAGE sql STABLE AS $$
    SELECT a.id, newest.version
      FROM (SELECT r.id, r.version FROM releases r
             WHERE r.package_id = of_package AND r.state = 'live' AND r.yanked_at IS NULL
               AND EXISTS (SELECT FROM artifacts w WHERE w.release_id = r.id AND w.kind = 'wheel')
             ORDER BY r.prerelease, r.version_key DESC LIMIT 1) newest
      JOIN artifacts a ON a.release_id = newest.id AND a.kind = 'wheel'
$$;
