-- What a search can be narrowed by, with the number of packages of each choice; search that also finds modules,
-- values and endpoints; and lists with the newest release first.

-- 3.8 to 3.15, as far as a Requires-Python takes any release of each: "3.11" for ">=3.11.2,<3.12". NULL takes all.
-- A clause that is not understood refuses nothing.
CREATE FUNCTION search_pythons(requires text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '3.' || minor
      FROM generate_series(8, 15) AS minor
     WHERE NOT EXISTS (
         SELECT FROM regexp_split_to_table(left(requires, 1000), ',') AS clause,
                     regexp_match(clause, '^\s*(~=|===?|!=|<=?|>=?)\s*v?(\d{1,6})(?:\.(\d{1,6}))?(\.\d+)?(\.\*)?') AS p
          WHERE p IS NOT NULL AND CASE p[1]
                WHEN '>=' THEN (3, minor) < (p[2]::int, coalesce(p[3], '0')::int)
                WHEN '>' THEN (3, minor) < (p[2]::int, coalesce(p[3], '0')::int)
                WHEN '<' THEN (3, minor) > (p[2]::int, coalesce(p[3], '0')::int)
                           OR (3, minor) = (p[2]::int, coalesce(p[3], '0')::int) AND coalesce(p[4], '.0') ~ '^\.0+$'
                WHEN '<=' THEN (3, minor) > (p[2]::int, coalesce(p[3], '0')::int)
                WHEN '!=' THEN p[5] IS NOT NULL AND p[4] IS NULL AND p[2]::int = 3
                               AND coalesce(p[3]::int, minor) = minor
                WHEN '~=' THEN p[2]::int <> 3 OR CASE WHEN p[4] IS NULL THEN minor < p[3]::int ELSE minor <> p[3]::int END
                ELSE p[2]::int <> 3 OR minor <> coalesce(p[3]::int, CASE WHEN p[5] IS NULL THEN 0 ELSE minor END)
                END)
$$;

ALTER TABLE package_search ADD COLUMN published bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN package_search.published IS 'when its release was published, as microseconds since 1970';
COMMENT ON COLUMN package_search.facets IS
    'what lists can be narrowed by: g:GROUP, c:CLASSIFIER, s:STATUS, l:LICENCE, p:PYTHON, o:OWNER';
CREATE INDEX package_search_newest ON package_search (published DESC, name);
CREATE INDEX package_search_names ON package_search (name);

-- How many packages have each facet. Counting 100,000 packages takes a second, so the numbers are kept: by the
-- statements that write package_search, of which one runs at a time (search_follow).
CREATE TABLE search_facets (
    facet text COLLATE "C" PRIMARY KEY,
    packages bigint NOT NULL CHECK (packages >= 0)
);
CREATE INDEX search_facets_most ON search_facets (left(facet, 2), packages DESC, facet);

CREATE FUNCTION search_facets_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO search_facets AS f (facet, packages)
        SELECT t.facet, count(*) FROM added a, unnest(a.facets) AS t (facet) GROUP BY 1 ORDER BY 1
        ON CONFLICT (facet) DO UPDATE SET packages = f.packages + excluded.packages;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO search_facets AS f (facet, packages)
        SELECT t.facet, 0 FROM added a, unnest(a.facets) AS t (facet) GROUP BY 1 ORDER BY 1
        ON CONFLICT DO NOTHING;
        UPDATE search_facets f SET packages = f.packages + d.more
          FROM (SELECT facet, sum(more) AS more
                  FROM (SELECT unnest(facets) AS facet, 1 AS more FROM added
                        UNION ALL SELECT unnest(facets), -1 FROM removed) x
                 GROUP BY facet HAVING sum(more) <> 0) d
         WHERE f.facet = d.facet;
    ELSE
        UPDATE search_facets f SET packages = f.packages - d.less
          FROM (SELECT unnest(facets) AS facet, count(*) AS less FROM removed GROUP BY 1) d
         WHERE f.facet = d.facet;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION search_refresh(packages bigint[]) RETURNS void LANGUAGE sql AS $$
WITH latest AS MATERIALIZED (
    SELECT p.id AS package_id, p.name, p.display_name, p.status, p.owner, r.id AS release_id, r.summary,
           r.requires_python, r.content ->> 'license_expression' AS licence,
           (extract(epoch FROM r.published_at) * 1000000)::bigint AS published,
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
    SELECT l.package_id, l.release_id, l.name, l.is_new, l.published,
           ARRAY['s:' || l.status] || e.facets
           || ARRAY(SELECT DISTINCT 'c:' || left(c, 500)
                      FROM jsonb_array_elements_text(l.classifiers) c)
           || ARRAY(SELECT 'p:' || v FROM search_pythons(l.requires_python) v)
           || ARRAY(SELECT 'l:' || left(l.licence, 500) WHERE l.licence <> '')
           || ARRAY(SELECT 'o:' || l.owner WHERE l.owner <> '') AS facets,
           search_cut(concat_ws(' ', l.name, l.display_name, e.names), 10000, 1000) AS names,
           concat_ws(' ', search_cut(e.groups, 5000, 500), search_cut(k.words, 5000, 500)) AS topics,
           search_cut(m.labels, 10000, 1000) AS labels,
           search_cut(l.summary, 2000, 300) AS summary,
           concat_ws(' ', search_cut(e.values, 5000, 500), search_cut(w.marks, 5000, 500)) AS places
      FROM latest l,
           LATERAL (SELECT string_agg(DISTINCT o.name, ' ') AS names,
                           string_agg(DISTINCT o.group_name, ' ') AS groups,
                           string_agg(DISTINCT o.value, ' ') AS values,
                           array_agg(DISTINCT 'g:' || o.group_name) AS facets
                      FROM entry_points o WHERE o.release_id = l.release_id) e,
           LATERAL (SELECT string_agg(left(w, 200), ' ') AS words
                      FROM jsonb_array_elements_text(l.keywords) w) k,
           LATERAL (SELECT string_agg(DISTINCT left(t #>> '{}', 1000), ' ') AS labels
                      FROM jsonb_path_query(l.manifests,
                               '$.*.*.**{0 to 4}.keyvalue() ?
                                (@.key == "label" || @.key == "title" || @.key == "name" ||
                                 @.key == "display_name" || @.key == "description").value ?
                                (@.type() == "string")', '{}', true) t) m,
           LATERAL (SELECT string_agg(DISTINCT left(t #>> '{}', 1000), ' ') AS marks
                      FROM jsonb_path_query(l.manifests,
                               '$.*.*.**{0 to 4}.keyvalue() ?
                                (@.key == "path" || @.key == "method" || @.key == "prefix" || @.key == "routers" ||
                                 @.key == "publishes" || @.key == "subscribes").value[*] ?
                                (@.type() == "string")', '{}', true) t) w
     WHERE l.release_id IS NOT NULL
), kept AS (
    UPDATE package_search s SET facets = n.facets
      FROM source n
     WHERE s.package_id = n.package_id AND NOT n.is_new AND s.facets <> n.facets
), word AS (
    INSERT INTO search_words (word)
    SELECT DISTINCT w COLLATE "C"
      FROM source s, regexp_split_to_table(concat_ws(' ', s.names, s.topics, s.labels, s.summary, s.places), ' ') w
     WHERE s.is_new AND length(w) BETWEEN 1 AND 40 AND w !~ '^[0-9]+$'
       AND NOT EXISTS (SELECT FROM search_words k WHERE k.word = w COLLATE "C")
    ON CONFLICT DO NOTHING
)
INSERT INTO package_search AS s (package_id, release_id, name, published, terms, facets)
SELECT package_id, release_id, name, published,
       setweight(to_tsvector('simple', names), 'A') ||
       setweight(to_tsvector('simple', topics) || to_tsvector('english', topics), 'B') ||
       setweight(to_tsvector('simple', labels) || to_tsvector('english', labels), 'C') ||
       setweight(to_tsvector('simple', summary) || to_tsvector('english', summary) ||
                 to_tsvector('simple', places), 'D'),
       facets
  FROM source WHERE is_new
ON CONFLICT (package_id) DO UPDATE
    SET release_id = excluded.release_id, published = excluded.published, terms = excluded.terms, facets = excluded.facets
$$;

-- Every package once, which also brings the words of older rows.
TRUNCATE package_search;
CREATE TRIGGER search_facets_inserted AFTER INSERT ON package_search
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION search_facets_count();
CREATE TRIGGER search_facets_updated AFTER UPDATE ON package_search
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION search_facets_count();
CREATE TRIGGER search_facets_deleted AFTER DELETE ON package_search
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION search_facets_count();
DO $$
DECLARE
    batch bigint[];
BEGIN
    FOR batch IN SELECT array_agg(p.id) FROM packages p GROUP BY p.id / 1000 LOOP
        PERFORM search_refresh_each(batch);
    END LOOP;
END
$$;
