-- What owners decide about single entry points, for every environment: a deprecation with what to use instead, or an
-- alias, by which an old name leads to the entry point's present name. A group can be deprecated as well.

CREATE TABLE entry_states (
    package_id int8 NOT NULL REFERENCES packages (id),
    group_name text COLLATE "C" NOT NULL CHECK (octet_length(group_name) BETWEEN 1 AND 200),
    name text COLLATE "C" NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
    is_alias boolean NOT NULL,
    message text CHECK (octet_length(message) BETWEEN 1 AND 1000),
    successor text CHECK (octet_length(successor) BETWEEN 1 AND 1000),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (package_id, group_name, name, is_alias),
    CONSTRAINT entry_states_parts CHECK (CASE WHEN is_alias THEN message IS NULL AND successor IS NOT NULL
                                              ELSE message IS NOT NULL END)
);
COMMENT ON COLUMN entry_states.successor IS 'of an alias the present name; else a package, or package:group:name';
-- An old name leads to one entry point.
CREATE UNIQUE INDEX entry_states_alias ON entry_states (group_name, name) WHERE is_alias;

ALTER TABLE groups ADD COLUMN deprecated text, ADD COLUMN successor text COLLATE "C",
                   ADD COLUMN deprecated_at timestamptz, ADD COLUMN deprecated_by text;
COMMENT ON COLUMN groups.deprecated IS 'why hosts should leave the group; NULL while it is in use';

-- Sets a deprecation or an alias, or with `is_set` false ends it. No row when it is so already, or when the package
-- is not there.
CREATE FUNCTION entry_state_set(of_package text, of_group text, old_name text, of_alias boolean, why text, leads_to text,
                                is_set boolean, actor text, OUT epoch text, OUT serial int8) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    place int8 := (SELECT p.id FROM packages p WHERE p.name = of_package);
BEGIN
    IF is_set THEN
        INSERT INTO entry_states AS e (package_id, group_name, name, is_alias, message, successor, changed_at, changed_by)
        SELECT place, of_group, old_name, of_alias, why, leads_to, clock_timestamp(), actor WHERE place IS NOT NULL
        ON CONFLICT (package_id, group_name, name, is_alias)
        DO UPDATE SET message = why, successor = leads_to, changed_at = clock_timestamp(), changed_by = actor
         WHERE (e.message, e.successor) IS DISTINCT FROM (why, leads_to);
    ELSE
        DELETE FROM entry_states e
         WHERE e.package_id = place AND e.group_name = of_group AND e.name = old_name AND e.is_alias = of_alias;
    END IF;
    IF FOUND THEN
        SELECT c.current_epoch, c.new_serial INTO epoch, serial
          FROM record_change(CASE WHEN of_alias THEN CASE WHEN is_set THEN 'alias' ELSE 'unalias' END
                                  WHEN is_set THEN 'entry-deprecate' ELSE 'entry-undeprecate' END,
                             of_package, NULL, ARRAY[of_group], actor,
                             jsonb_build_object('group', of_group, 'name', old_name, 'message', why,
                                                'successor', leads_to), reason => why) AS c;
        RETURN NEXT;
    END IF;
END
$$;

-- Reverse look-up: who provides a module, and who has an object of a name. The parts of "module:attribute [extras]".
CREATE FUNCTION entry_module(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(split_part(split_part(value, '[', 1), ':', 1))
$$;
CREATE FUNCTION entry_attribute(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(split_part(split_part(value, '[', 1), ':', 2))
$$;
CREATE INDEX entry_points_module ON entry_points (entry_module(value) COLLATE "C", group_name, name);
CREATE INDEX entry_points_attribute ON entry_points (entry_attribute(value) COLLATE "C", group_name, name);
CREATE INDEX entry_points_name ON entry_points (name, group_name);
