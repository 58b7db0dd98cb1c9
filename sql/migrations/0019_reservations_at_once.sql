-- What reservations say of a new name, in one look at them: their forms are kept in a column, so a publish folds
-- its own name and no other.

ALTER TABLE reserved_names ADD COLUMN form text COLLATE "C" GENERATED ALWAYS AS (lookalike_form(name)) STORED;
COMMENT ON COLUMN reserved_names.form IS 'the name as look-alikes are compared';
DROP INDEX reserved_names_lookalike;
CREATE INDEX reserved_names_form ON reserved_names (form);

-- As in 0011. The forms of a name end with the form of the whole name.
CREATE OR REPLACE FUNCTION reservation_of(publishing text, OUT reserved text, OUT team text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    forms text[];
BEGIN
    IF NOT EXISTS (SELECT FROM reserved_names) THEN
        RETURN;
    END IF;
    forms := lookalike_prefixes(publishing);
    SELECT r.name, r.team INTO reserved, team
      FROM reserved_names r
     WHERE r.form = ANY (forms)
       AND (r.is_prefix OR r.form = forms[cardinality(forms)])
     ORDER BY octet_length(r.form) DESC, starts_with(publishing, r.name) DESC, r.name
     LIMIT 1;
END
$$;

-- As in 0011: the reservation that the name falls under or, if there is none, the prefix that it begins with.
CREATE OR REPLACE FUNCTION claim_name(publishing text, publisher text) RETURNS name_claim
LANGUAGE plpgsql STABLE AS $$
DECLARE
    claim name_claim := (true, false, NULL);
    forms text[];
    whole text;
    found record;
BEGIN
    IF EXISTS (SELECT FROM packages p WHERE p.name = publishing) THEN
        RETURN claim;
    END IF;
    forms := lookalike_prefixes(publishing);
    whole := forms[cardinality(forms)];
    SELECT r.name, r.team, r.form = ANY (forms) AND (r.is_prefix OR r.form = whole) AS covers
      INTO found
      FROM reserved_names r
     WHERE r.form = ANY (forms) AND (r.is_prefix OR r.form = whole)
        OR r.is_prefix AND r.team IS DISTINCT FROM publisher AND starts_with(whole, r.form)
     ORDER BY covers DESC, octet_length(r.form) DESC, starts_with(publishing, r.name) DESC, r.name
     LIMIT 1;
    IF found.covers IS NULL THEN
        RETURN claim;
    END IF;
    IF NOT found.covers THEN
        claim.near := found.name;
    ELSIF found.team = publisher THEN
        claim.shares_form := EXISTS (SELECT FROM packages c
                                      WHERE lookalike_form(c.name) = whole AND NOT c.shares_form);
    ELSE
        claim.is_free := false;
    END IF;
    RETURN claim;
END
$$;

-- As in 0011. Reservations and look-alikes are asked for new names only: an old one keeps its owner.
CREATE OR REPLACE FUNCTION publish_rights(publishing text, into_groups text[],
                                          OUT is_there boolean, OUT owner text, OUT confusable text,
                                          OUT reserved text, OUT reserved_for text, OUT owned_groups text,
                                          OUT group_revision bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $$
BEGIN
    SELECT true, p.owner INTO is_there, owner FROM packages p WHERE p.name = publishing;
    IF is_there IS NULL THEN
        is_there := false;
        SELECT n.reserved, n.team,
               (SELECT c.name FROM packages c
                 WHERE lookalike_form(c.name) = lookalike_form(publishing) AND NOT c.shares_form)
          INTO reserved, reserved_for, confusable
          FROM reservation_of(publishing) AS n;
    END IF;
    group_revision := groups_revision(into_groups);
    owned_groups := '';
    IF group_revision > 0 THEN
        SELECT coalesce(string_agg(o.owner || E'\n' || o.name, E'\n' ORDER BY o.name), '')
          INTO owned_groups
          FROM (SELECT DISTINCT i.name, group_owner(i.name) AS owner
                  FROM unnest(into_groups) AS i (name)) o
         WHERE o.owner IS NOT NULL
           AND NOT EXISTS (SELECT FROM group_entries e JOIN packages p ON p.id = e.package_id
                            WHERE e.group_name = o.name AND p.name = publishing);
    END IF;
END
$$;
