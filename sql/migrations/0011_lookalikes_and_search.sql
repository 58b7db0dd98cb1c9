-- Names that look alike, reservations that hold, groups that follow the owner of their parent, search that
-- no single package can stop, counts of groups, and rights on tokens column by column.

-- ---- names that look alike ----

-- Two names that people mistake for one another have the same form: hyphens do not count, and 0/o, 1/i/l,
-- rn/m and vv/w are each one character. 'c0-rp' and 'corp' are both 'c0rp'; 'modern' and 'modem' are both
-- 'm0dem'.
CREATE FUNCTION lookalike_form(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(translate(replace(name, '-', ''), 'oil', '011'), 'rn', 'm'), 'vv', 'w')
$$;

-- The forms of everything that the name begins with up to a hyphen, and of the whole name:
-- 'co-rp-hr' gives those of 'co', 'corp' and 'corphr'.
CREATE FUNCTION lookalike_prefixes(name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    joined text := '';
    part text;
    forms text[] := '{}';
BEGIN
    FOREACH part IN ARRAY string_to_array(name, '-') LOOP
        joined := joined || part;
        forms := forms || lookalike_form(joined);
    END LOOP;
    RETURN forms;
END
$$;

-- The functions that a publish calls are in plpgsql, which keeps their plans; an SQL function that cannot be
-- inlined is planned again for every statement.

-- A form belongs to one package: the unique index keeps a second one out, even when two are published at the
-- same moment. Exempt are pairs that were published before this rule, and the packages of the owner of a
-- reserved prefix, who may publish below it whatever others have: of those that share a form, all but one are
-- marked.
ALTER TABLE packages ADD COLUMN shares_form boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN packages.shares_form IS
    'whether an older package has a name of the same form, which packages_lookalike holds for it';
UPDATE packages p SET shares_form = true
 WHERE EXISTS (SELECT FROM packages o
                WHERE lookalike_form(o.name) = lookalike_form(p.name) AND o.id < p.id);
CREATE UNIQUE INDEX packages_lookalike ON packages (lookalike_form(name)) WHERE NOT shares_form;
CREATE INDEX reserved_names_lookalike ON reserved_names (lookalike_form(name));

-- The reservation that a name falls under, the longest when there are several; NULLs when there is none.
CREATE FUNCTION reservation_of(publishing text, OUT reserved text, OUT team text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    forms text[] := lookalike_prefixes(publishing);
BEGIN
    SELECT r.name, r.team INTO reserved, team
      FROM reserved_names r
     WHERE lookalike_form(r.name) = ANY (forms)
       AND (r.is_prefix OR lookalike_form(r.name) = lookalike_form(publishing))
     ORDER BY octet_length(lookalike_form(r.name)) DESC, starts_with(publishing, r.name) DESC, r.name
     LIMIT 1;
END
$$;

-- What the reservations say of a name inside a publishing transaction: whether the team may publish it, and
-- whether the new package shares its form with one that is there, which only the owner of a reservation may.
-- `near` is a prefix, reserved for another team, that the new name begins with without a hyphen ('corpse' for
-- 'corp'): for the audit. Called only when anything is reserved; look-alikes are left to packages_lookalike.
CREATE TYPE name_claim AS (is_free boolean, shares_form boolean, near text);
CREATE FUNCTION claim_name(publishing text, publisher text) RETURNS name_claim
LANGUAGE plpgsql STABLE AS $$
DECLARE
    form text := lookalike_form(publishing);
    claim name_claim := (true, false, NULL);
    found record;
BEGIN
    IF EXISTS (SELECT FROM packages p WHERE p.name = publishing) THEN
        RETURN claim;
    END IF;
    found := reservation_of(publishing);
    IF found.reserved IS NULL THEN
        claim.near := (SELECT n.name FROM reserved_names n
                        WHERE n.is_prefix AND n.team IS DISTINCT FROM publisher
                          AND starts_with(form, lookalike_form(n.name))
                        ORDER BY octet_length(n.name) DESC LIMIT 1);
    ELSIF found.team = publisher THEN
        claim.shares_form := EXISTS (SELECT FROM packages c
                                      WHERE lookalike_form(c.name) = form AND NOT c.shares_form);
    ELSE
        claim.is_free := false;
    END IF;
    RETURN claim;
END
$$;

-- ---- changes ----

-- As in 0004, with the audit event written here too: every change, and so every publish, writes the row of
-- `registry` once and not twice. The event is the one that record_audit would write.
CREATE OR REPLACE FUNCTION record_change(kind text, package text, version text, groups text[], actor text,
                                         detail jsonb, environment text DEFAULT NULL,
                                         reason text DEFAULT NULL,
                                         OUT new_serial bigint, OUT current_epoch text)
LANGUAGE plpgsql AS $$
DECLARE
    subject text := concat_ws(' ', environment, package, version);
    event_id bigint;
    previous bytea;
    moment timestamptz;
    chained bytea;
BEGIN
    IF subject = '' THEN
        subject := array_to_string(groups, ' ');
    END IF;
    SELECT r.serial + 1, r.epoch::text, r.audit_count + 1, r.audit_head
      INTO STRICT new_serial, current_epoch, event_id, previous
      FROM registry r FOR NO KEY UPDATE;
    moment := clock_timestamp();
    chained := audit_hash(previous, event_id, moment, actor, kind, subject, detail);
    INSERT INTO changes (serial, kind, package, version, groups, at, environment, reason)
    VALUES (new_serial, kind, package, version, groups, moment, environment, reason);
    INSERT INTO audit_events (id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES (event_id, moment, actor, kind, subject, detail, previous, chained);
    UPDATE registry SET serial = new_serial, audit_count = event_id, audit_head = chained;
    PERFORM pg_notify('registry_changes', new_serial::text);
END
$$;

-- ---- groups follow the owner of their parent ----

-- The group and those above it: 'acme.plugins.ui' gives itself, 'acme.plugins' and 'acme'.
CREATE FUNCTION group_lineage(group_name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    parts text[] := string_to_array(group_name, '.');
    lineage text[] := '{}';
BEGIN
    FOR n IN 1 .. cardinality(parts) LOOP
        lineage := lineage || array_to_string(parts[1:n], '.');
    END LOOP;
    RETURN lineage;
END
$$;

-- The owner of a group: its own, else that of the nearest group above it that has one.
CREATE FUNCTION group_owner(asked text) RETURNS text
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    lineage text[] := group_lineage(asked);
BEGIN
    RETURN (SELECT g.owner FROM groups g
             WHERE g.group_name = ANY (lineage) AND g.owner IS NOT NULL
             ORDER BY octet_length(g.group_name) DESC LIMIT 1);
END
$$;

-- The sum of the revisions of the contracts of these groups and of those above them. Revisions only grow,
-- so an equal sum means that neither a contract nor an owner has changed.
CREATE FUNCTION groups_revision(names text[]) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM groups) THEN -- most registries have no contracts at all
        RETURN 0;
    END IF;
    RETURN (SELECT coalesce(sum(g.revision), 0)::bigint
              FROM groups g
             WHERE g.group_name IN (SELECT l.name
                                      FROM unnest(names) AS n (name),
                                           unnest(group_lineage(n.name)) AS l (name)));
END
$$;

DROP FUNCTION publish_rights(text, text[]);
CREATE FUNCTION publish_rights(publishing text, into_groups text[],
                               OUT is_there boolean, OUT owner text, OUT confusable text,
                               OUT reserved text, OUT reserved_for text, OUT owned_groups text,
                               OUT group_revision bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $$
BEGIN
    SELECT p.id IS NOT NULL, p.owner, n.reserved, n.team, groups_revision(into_groups),
           (SELECT c.name FROM packages c
             WHERE lookalike_form(c.name) = lookalike_form(publishing) AND NOT c.shares_form
               AND c.name <> publishing)
      INTO is_there, owner, reserved, reserved_for, group_revision, confusable
      FROM registry
     CROSS JOIN LATERAL reservation_of(publishing) AS n
      LEFT JOIN packages p ON p.name = publishing;
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
COMMENT ON FUNCTION publish_rights(text, text[]) IS
    'owned_groups: of those groups that have an owner and do not hold the package yet; owner and group, one a line each';

DROP INDEX packages_confusable;
DROP FUNCTION confusable_form(text);

-- ---- counts of groups ----

-- How many packages and different entry-point names a group has, over all releases. Kept by whoever follows
-- the changes for search, since counting a group of 100,000 packages takes half a second.
CREATE TABLE group_counts (
    group_name text COLLATE "C" PRIMARY KEY,
    package_count bigint NOT NULL CHECK (package_count >= 0),
    entry_point_count bigint NOT NULL CHECK (entry_point_count >= 0)
) WITH (fillfactor = 80);
INSERT INTO group_counts
SELECT group_name, count(DISTINCT package_id), count(DISTINCT name) FROM group_entries GROUP BY group_name;

ALTER TABLE group_entries ADD COLUMN is_counted boolean NOT NULL DEFAULT true;
ALTER TABLE group_entries ALTER COLUMN is_counted SET DEFAULT false;
COMMENT ON COLUMN group_entries.is_counted IS 'whether group_counts includes the row';
CREATE INDEX group_entries_counted ON group_entries (group_name, name) WHERE is_counted;

-- Adds to the counts what was published with these changes and is not counted yet. Called under the lock of
-- search_state only, so no two callers count the same row or the same name.
CREATE FUNCTION groups_count(after_serial bigint, last_serial bigint) RETURNS void LANGUAGE sql AS $$
WITH published AS MATERIALIZED (
    SELECT DISTINCT g.name AS group_name, p.id AS package_id
      FROM changes c
      JOIN packages p ON p.name = c.package
     CROSS JOIN LATERAL unnest(c.groups) AS g (name)
     WHERE c.serial > after_serial AND c.serial <= last_serial AND c.kind = 'publish'
), fresh AS MATERIALIZED (
    SELECT e.group_name, e.package_id, e.name
      FROM published n
      JOIN group_entries e ON e.group_name = n.group_name AND e.package_id = n.package_id
     WHERE NOT e.is_counted
), added AS (
    SELECT f.group_name,
           count(DISTINCT f.package_id) FILTER (WHERE NOT EXISTS (
               SELECT FROM group_entries o WHERE o.group_name = f.group_name
                                             AND o.package_id = f.package_id AND o.is_counted)) AS packages,
           count(DISTINCT f.name) FILTER (WHERE NOT EXISTS (
               SELECT FROM group_entries o WHERE o.group_name = f.group_name
                                             AND o.name = f.name AND o.is_counted)) AS names
      FROM fresh f GROUP BY f.group_name
), marked AS (
    UPDATE group_entries e SET is_counted = true FROM fresh f
     WHERE e.group_name = f.group_name AND e.package_id = f.package_id AND e.name = f.name
)
INSERT INTO group_counts AS g (group_name, package_count, entry_point_count)
SELECT group_name, packages, names FROM added
ON CONFLICT (group_name) DO UPDATE
    SET package_count = g.package_count + excluded.package_count,
        entry_point_count = g.entry_point_count + excluded.entry_point_count
$$;

-- ---- search that no single package can stop ----

-- Packages that search could not index: found by their names only, until they change.
CREATE TABLE search_problems (
    package_id bigint PRIMARY KEY, -- no foreign key, as in package_search
    error text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Words fit for the index: at most so many characters and words of a text, each word cut at 100 characters.
-- A tsvector holds 1 MiB, and a word of it 2 KiB: beyond that PostgreSQL raises an error.
CREATE FUNCTION search_cut(input text, most_characters int, most_words int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(left(w.word, 100), ' ' ORDER BY w.place), '')
      FROM (SELECT s.word, s.place
              FROM regexp_split_to_table(search_text(left(input, most_characters)), ' ')
                       WITH ORDINALITY AS s (word, place)
             WHERE s.word <> '' ORDER BY s.place LIMIT most_words) w
$$;

-- As in 0007, with every text cut. Rows of packages that search_problems names are made anew.
CREATE OR REPLACE FUNCTION search_refresh(packages bigint[]) RETURNS void LANGUAGE sql AS $$
WITH latest AS MATERIALIZED (
    SELECT p.id AS package_id, p.name, p.display_name, p.status, r.id AS release_id, r.summary,
           CASE WHEN jsonb_typeof(r.content -> 'keywords') = 'array'
                THEN r.content -> 'keywords' ELSE '[]' END AS keywords,
           CASE WHEN jsonb_typeof(r.content -> 'classifiers') = 'array'
                THEN r.content -> 'classifiers' ELSE '[]' END AS classifiers,
           r.content -> 'manifests' AS manifests,
           s.release_id IS DISTINCT FROM r.id
           OR EXISTS (SELECT FROM search_problems b WHERE b.package_id = p.id) AS is_new
      FROM packages p
      LEFT JOIN LATERAL (SELECT l.id FROM releases l -- as in latest_release
                     WHERE l.package_id = p.id AND l.state = 'live'
                     ORDER BY l.yanked_at IS NULL AND NOT l.prerelease DESC,
                              l.yanked_at IS NULL DESC, l.version_key DESC LIMIT 1) l ON true
      LEFT JOIN releases r ON r.id = l.id
      LEFT JOIN package_search s ON s.package_id = p.id
     WHERE p.id = ANY ($1)
), gone AS (
    DELETE FROM package_search s USING latest l
     WHERE s.package_id = l.package_id AND l.release_id IS NULL
), source AS MATERIALIZED (
    SELECT l.package_id, l.release_id, l.name, l.is_new,
           ARRAY['s:' || l.status] || e.facets
           || ARRAY(SELECT DISTINCT 'c:' || left(c, 500)
                      FROM jsonb_array_elements_text(l.classifiers) c) AS facets,
           search_cut(concat_ws(' ', l.name, l.display_name, e.names), 10000, 1000) AS names,
           concat_ws(' ', search_cut(e.groups, 5000, 500), search_cut(k.words, 5000, 500)) AS topics,
           search_cut(m.labels, 10000, 1000) AS labels,
           search_cut(l.summary, 2000, 300) AS summary
      FROM latest l,
           LATERAL (SELECT string_agg(DISTINCT o.name, ' ') AS names,
                           string_agg(DISTINCT o.group_name, ' ') AS groups,
                           array_agg(DISTINCT 'g:' || o.group_name) AS facets
                      FROM entry_points o WHERE o.release_id = l.release_id) e,
           LATERAL (SELECT string_agg(left(w, 200), ' ') AS words
                      FROM jsonb_array_elements_text(l.keywords) w) k,
           LATERAL (SELECT string_agg(DISTINCT left(t #>> '{}', 1000), ' ') AS labels
                      FROM jsonb_path_query(l.manifests,
                               '$.*.*.**{0 to 4}.keyvalue() ?
                                (@.key == "label" || @.key == "title" || @.key == "name" ||
                                 @.key == "display_name" || @.key == "description").value ?
                                (@.type() == "string")', '{}', true) t) m
     WHERE l.release_id IS NOT NULL
), kept AS (
    UPDATE package_search s SET facets = n.facets
      FROM source n
     WHERE s.package_id = n.package_id AND NOT n.is_new AND s.facets <> n.facets
), word AS (
    INSERT INTO search_words (word)
    SELECT DISTINCT w COLLATE "C"
      FROM source s, regexp_split_to_table(concat_ws(' ', s.names, s.topics, s.labels, s.summary), ' ') w
     WHERE s.is_new AND length(w) BETWEEN 1 AND 40 AND w !~ '^[0-9]+$'
       AND NOT EXISTS (SELECT FROM search_words k WHERE k.word = w COLLATE "C")
    ON CONFLICT DO NOTHING
)
INSERT INTO package_search AS s (package_id, release_id, name, terms, facets)
SELECT package_id, release_id, name,
       setweight(to_tsvector('simple', names), 'A') ||
       setweight(to_tsvector('simple', topics) || to_tsvector('english', topics), 'B') ||
       setweight(to_tsvector('simple', labels) || to_tsvector('english', labels), 'C') ||
       setweight(to_tsvector('simple', summary) || to_tsvector('english', summary), 'D'),
       facets
  FROM source WHERE is_new
ON CONFLICT (package_id) DO UPDATE
    SET release_id = excluded.release_id, terms = excluded.terms, facets = excluded.facets
$$;

-- Sets a package apart that search cannot index, with the reason. It is still listed with its status, and
-- found by its name.
CREATE FUNCTION search_set_apart(failed bigint, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_problems AS b (package_id, error) VALUES (failed, left(reason, 1000))
    ON CONFLICT (package_id) DO UPDATE SET error = excluded.error;
    BEGIN
        INSERT INTO package_search AS s (package_id, release_id, name, terms, facets)
        SELECT p.id, r.id, p.name, setweight(to_tsvector('simple', search_text(p.name)), 'A'),
               ARRAY['s:' || p.status]
          FROM packages p JOIN releases r ON r.id = latest_release(p.id)
         WHERE p.id = failed
        ON CONFLICT (package_id) DO UPDATE
            SET release_id = excluded.release_id, terms = excluded.terms, facets = excluded.facets;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded
                OR raise_exception THEN
        NULL; -- search_problems names it
    END;
END
$$;

-- Refreshes packages together; when that fails, one by one, and sets those apart that fail alone. Errors
-- that are about the database and not about a package (no space, a deadlock, a lost right) are raised.
CREATE FUNCTION search_refresh_each(packages bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    package bigint;
    is_about_content constant text := '^(21|22|23|54|P0|XX)';
BEGIN
    BEGIN
        PERFORM search_refresh(packages);
        DELETE FROM search_problems WHERE package_id = ANY (packages);
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        IF sqlstate !~ is_about_content THEN
            RAISE;
        END IF;
    END;
    FOREACH package IN ARRAY packages LOOP
        BEGIN
            PERFORM search_refresh(ARRAY[package]);
            DELETE FROM search_problems WHERE package_id = package;
        EXCEPTION WHEN OTHERS THEN
            IF sqlstate !~ is_about_content THEN
                RAISE;
            END IF;
            PERFORM search_set_apart(package, sqlerrm);
        END;
    END LOOP;
END
$$;

-- Follows the list of changes by at most `row_limit` of them. Two callers take turns. With a reason nothing
-- is indexed: the packages of these changes are set apart (the caller has found that they cannot be indexed
-- in time). `reached` is the last change followed, `problems` the number of packages set apart.
DROP FUNCTION search_follow(bigint);
CREATE FUNCTION search_follow(row_limit bigint, reason text, OUT behind boolean, OUT reached bigint,
                              OUT problems bigint)
LANGUAGE plpgsql AS $$
DECLARE
    begun bigint;
    changed bigint[];
BEGIN
    SELECT s.serial INTO STRICT begun FROM search_state s FOR UPDATE;
    SELECT max(c.serial), array_agg(DISTINCT p.id) FILTER (WHERE p.id IS NOT NULL)
      INTO reached, changed
      FROM (SELECT * FROM changes WHERE serial > begun ORDER BY serial LIMIT row_limit) c
      LEFT JOIN packages p ON p.name = c.package AND c.kind NOT IN ('artifact', 'environment');
    IF changed IS NOT NULL AND reason IS NULL THEN
        PERFORM search_refresh_each(changed);
    ELSIF changed IS NOT NULL THEN
        PERFORM search_set_apart(c.id, reason) FROM unnest(changed) AS c (id);
    END IF;
    IF reached IS NOT NULL THEN
        PERFORM groups_count(begun, reached);
        UPDATE search_state SET serial = reached;
    END IF;
    reached := coalesce(reached, begun);
    behind := reached < (SELECT serial FROM registry);
    problems := (SELECT count(*) FROM search_problems);
END
$$;

-- As in 0007, with words cut as in the index.
CREATE OR REPLACE FUNCTION search_question(asked text, OUT query tsquery, OUT corrected text)
    LANGUAGE sql STABLE AS $$
    WITH words AS (
        SELECT w, min(place) AS place
          FROM regexp_split_to_table(search_cut(asked, 1000, 100), ' ') WITH ORDINALITY AS s (w, place)
         WHERE w <> '' GROUP BY w ORDER BY min(place) LIMIT 8
    ), meant AS (
        SELECT w.place, w.w AS asked, n.word, n.nearness
          FROM words w
          LEFT JOIN LATERAL (
              SELECT k.word, similarity(k.word, w.w) AS nearness
                FROM search_words k
               WHERE k.word % w.w
                 AND w.w !~ '^[0-9]+$'
                 AND NOT EXISTS (SELECT FROM search_words o
                                  WHERE o.word >= w.w AND o.word < w.w || U&'\+10FFFF')
               ORDER BY nearness DESC, k.word LIMIT 4) n ON true
    ), terms AS (
        SELECT place,
               (array_agg(coalesce(word, asked) ORDER BY nearness DESC))[1] AS best,
               bool_or(word IS NOT NULL) AS is_corrected,
               string_agg(concat_ws(' | ', '''' || coalesce(word || '''', asked || ''':*'),
                                    '''' || stem || ''''), ' | ') AS term
          FROM meant,
               LATERAL (SELECT nullif((ts_lexize('english_stem', coalesce(word, asked)))[1],
                                      coalesce(word, asked)) AS stem) l -- a word counts once
         GROUP BY place
    )
    SELECT string_agg('(' || term || ')', ' & ')::tsquery,
           CASE WHEN bool_or(is_corrected) THEN string_agg(best, ' ' ORDER BY place) END
      FROM terms
$$;

-- ---- rights on tokens ----

-- As in 0009. Of a token the running daemon may only note its use and revoke it: its hash, its kind and
-- its scopes are what it was created with.
CREATE OR REPLACE FUNCTION admit_application(role_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept record;
    place text := current_schema();
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', role_name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', place,
                   role_name);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM %I', role_name);
    EXECUTE format('REVOKE UPDATE ON tokens FROM %I', role_name);
    EXECUTE format('GRANT UPDATE (last_used_at, revoked_at, revoked_by, revoked_reason) ON tokens TO %I',
                   role_name);
    FOR kept IN
        SELECT t.tgrelid::regclass AS relation, t.tgtype & 8 > 0 AS refuses_delete,
               t.tgtype & 16 > 0 AND t.tgattr = '' AS refuses_update
          FROM pg_trigger t
         WHERE t.tgfoid = 'refuse_rewriting'::regproc
    LOOP
        IF kept.refuses_delete THEN
            EXECUTE format('REVOKE DELETE ON %s FROM %I', kept.relation, role_name);
        END IF;
        IF kept.refuses_update THEN
            EXECUTE format('REVOKE UPDATE ON %s FROM %I', kept.relation, role_name);
        END IF;
    END LOOP;
END
$$;
