-- Finding entry points by a function, because its settings hold where a statement's own text cannot: the planner guesses
-- the rows of a name from the average of all names, and would read and sort a whole group that is far above it. Without
-- bitmaps and sorting it takes the index that has the order of the answer, whatever it guesses.

-- Whether an entry point is what was asked for; NULL asks for nothing.
CREATE FUNCTION entry_matches(entry entry_points, of_group text, of_name text, of_value text, of_module text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(entry.group_name = of_group, true) AND coalesce(entry.name = of_name, true)
       AND coalesce(entry.value = of_value OR entry_attribute(entry.value) = of_value, true)
       AND coalesce(entry_module(entry.value) = of_module, true)
$$;

-- The package of a release, when that is its newest one and the package may be shown. OFFSET 0 keeps the planner
-- from beginning with the packages.
CREATE FUNCTION newest_package(of_release int8, of_package text)
RETURNS TABLE (package text, version text, status text) LANGUAGE sql STABLE AS $$
    SELECT p.name, r.version, p.status
      FROM releases r
      JOIN packages p ON p.id = r.package_id
     WHERE r.id = of_release AND p.status <> 'quarantined'
       AND coalesce(p.name = of_package, true)
       AND latest_release(p.id) = r.id OFFSET 0
$$;

-- Entry points of the newest releases behind a place. `way` names what `key` is; the index that leads it gives the rows
-- in the order of the answer, so a page reads little more than its rows.
CREATE FUNCTION find_entries(way text, key text, of_group text, of_name text, of_package text, of_value text,
                             of_module text, after_group text, after_name text, after_package text, row_limit int8)
RETURNS TABLE (group_name text, name text, value text, package text, version text, status text)
LANGUAGE plpgsql STABLE
SET enable_bitmapscan = off SET enable_sort = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    CASE way
    WHEN 'package' THEN RETURN QUERY
        SELECT o.group_name, o.name, o.value, f.package, f.version, f.status
          FROM entry_points o
         CROSS JOIN LATERAL newest_package(o.release_id, of_package) f
         WHERE o.release_id = (SELECT latest_release(p.id) FROM packages p WHERE p.name = key)
           AND entry_matches(o, of_group, of_name, of_value, of_module)
           AND (o.group_name, o.name, f.package) > (after_group, after_name, after_package)
         ORDER BY o.group_name, o.name
         LIMIT row_limit;
    WHEN 'module' THEN RETURN QUERY
        SELECT e.group_name, e.name, e.value, f.package, f.version, f.status
          FROM (SELECT o.* FROM entry_points o
                 WHERE entry_module(o.value) COLLATE "C" = key
                   AND entry_matches(o, of_group, of_name, of_value, of_module)
                   AND (entry_module(o.value) COLLATE "C", o.group_name, o.name) >= (key, after_group, after_name)
                 ORDER BY o.group_name, o.name) e
         CROSS JOIN LATERAL newest_package(e.release_id, of_package) f
         WHERE (e.group_name, e.name, f.package) > (after_group, after_name, after_package)
         ORDER BY e.group_name, e.name, f.package
         LIMIT row_limit;
    WHEN 'attribute' THEN RETURN QUERY
        SELECT e.group_name, e.name, e.value, f.package, f.version, f.status
          FROM (SELECT o.* FROM entry_points o
                 WHERE entry_attribute(o.value) COLLATE "C" = key
                   AND entry_matches(o, of_group, of_name, of_value, of_module)
                   AND (entry_attribute(o.value) COLLATE "C", o.group_name, o.name) >= (key, after_group, after_name)
                 ORDER BY o.group_name, o.name) e
         CROSS JOIN LATERAL newest_package(e.release_id, of_package) f
         WHERE (e.group_name, e.name, f.package) > (after_group, after_name, after_package)
         ORDER BY e.group_name, e.name, f.package
         LIMIT row_limit;
    WHEN 'name' THEN RETURN QUERY
        SELECT e.group_name, e.name, e.value, f.package, f.version, f.status
          FROM (SELECT o.* FROM entry_points o
                 WHERE o.name = key
                   AND entry_matches(o, of_group, of_name, of_value, of_module)
                   AND (o.name, o.group_name) >= (key, after_group)
                 ORDER BY o.group_name) e
         CROSS JOIN LATERAL newest_package(e.release_id, of_package) f
         WHERE (e.group_name, e.name, f.package) > (after_group, after_name, after_package)
         ORDER BY e.group_name, f.package
         LIMIT row_limit;
    WHEN 'group' THEN RETURN QUERY
        SELECT e.group_name, e.name, e.value, f.package, f.version, f.status
          FROM (SELECT o.* FROM entry_points o
                 WHERE o.group_name = key
                   AND entry_matches(o, of_group, of_name, of_value, of_module)
                   AND (o.group_name, o.name) >= (after_group, after_name)
                 ORDER BY o.name) e
         CROSS JOIN LATERAL newest_package(e.release_id, of_package) f
         WHERE (e.group_name, e.name, f.package) > (after_group, after_name, after_package)
         ORDER BY e.name, f.package
         LIMIT row_limit;
    END CASE;
END
$$;
