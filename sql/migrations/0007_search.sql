-- Search over packages. Each has one row that says in words what its newest release is about. Publishing
-- does not wait for that: it would take half as long again. The list of changes says whose rows are
-- behind, and whoever searches brings them up to date first, so that nothing published is missed.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE package_search (
    package_id bigint PRIMARY KEY, -- no foreign key: its check would lock packages against publishers
    release_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    terms tsvector NOT NULL,
    facets text[] NOT NULL
) WITH (fillfactor = 90);
COMMENT ON COLUMN package_search.release_id IS 'the release the row speaks of; see latest_release';
COMMENT ON COLUMN package_search.facets IS
    'what lists can be narrowed by: g:GROUP, c:CLASSIFIER, s:STATUS';
CREATE INDEX package_search_terms ON package_search USING gin (terms)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX package_search_facets ON package_search USING gin (facets)
    WITH (gin_pending_list_limit = 256);

-- Every word that packages use, so that a mistyped one finds its neighbours.
CREATE TABLE search_words (word text COLLATE "C" PRIMARY KEY);
CREATE INDEX search_words_trigrams ON search_words USING gin (word gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);

-- Letters and digits in lower case, with a space between words.
CREATE FUNCTION search_text(input text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(coalesce(input, '')), '[^a-z0-9\u0080-\U0010ffff]+', ' ', 'g')
$$;

-- How far the rows have followed the list of changes.
CREATE TABLE search_state (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    serial bigint NOT NULL DEFAULT 0 CHECK (serial >= 0)
) WITH (fillfactor = 10);
INSERT INTO search_state DEFAULT VALUES;

-- Brings the rows of packages up to date: the newest release's names, its keywords and groups, what its
-- manifests call it, its summary, by weight. Words are added when a release is first spoken of and stay:
-- one that nobody uses any more finds nothing.
CREATE FUNCTION search_refresh(packages bigint[]) RETURNS void LANGUAGE sql AS $$
WITH latest AS MATERIALIZED (
    SELECT p.id AS package_id, p.name, p.display_name, p.status, r.id AS release_id, r.summary,
           CASE WHEN jsonb_typeof(r.content -> 'keywords') = 'array'
                THEN r.content -> 'keywords' ELSE '[]' END AS keywords,
           CASE WHEN jsonb_typeof(r.content -> 'classifiers') = 'array'
                THEN r.content -> 'classifiers' ELSE '[]' END AS classifiers,
           r.content -> 'manifests' AS manifests,
           s.release_id IS DISTINCT FROM r.id AS is_new
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
           || ARRAY(SELECT DISTINCT 'c:' || c FROM jsonb_array_elements_text(l.classifiers) c) AS facets,
           search_text(concat_ws(' ', l.name, l.display_name, e.names)) AS names,
           search_text(concat_ws(' ', e.groups, k.words)) AS topics,
           search_text(m.labels) AS labels,
           search_text(l.summary) AS summary
      FROM latest l,
           LATERAL (SELECT left(string_agg(DISTINCT o.name, ' '), 20000) AS names,
                           left(string_agg(DISTINCT o.group_name, ' '), 20000) AS groups,
                           array_agg(DISTINCT 'g:' || o.group_name) AS facets
                      FROM entry_points o WHERE o.release_id = l.release_id) e,
           LATERAL (SELECT string_agg(w, ' ') AS words FROM jsonb_array_elements_text(l.keywords) w) k,
           LATERAL (SELECT left(string_agg(DISTINCT t #>> '{}', ' '), 20000) AS labels
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

-- Follows the list of changes by at most `row_limit` of them; true when more are left. Two that follow at
-- once take turns.
CREATE FUNCTION search_follow(row_limit bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    begun bigint;
    reached bigint;
    packages bigint[];
BEGIN
    SELECT s.serial INTO STRICT begun FROM search_state s FOR UPDATE;
    SELECT max(c.serial), array_agg(DISTINCT p.id) FILTER (WHERE p.id IS NOT NULL)
      INTO reached, packages
      FROM (SELECT * FROM changes WHERE serial > begun ORDER BY serial LIMIT row_limit) c
      LEFT JOIN packages p ON p.name = c.package AND c.kind NOT IN ('artifact', 'environment');
    IF reached IS NULL THEN
        RETURN false;
    END IF;
    PERFORM search_refresh(packages);
    UPDATE search_state SET serial = reached;
    RETURN reached < (SELECT serial FROM registry);
END
$$;

-- A person's words as a question: each as the beginning of a word or by its stem; one that nobody
-- knows stands for the words most like it. `corrected` is NULL when all were known.
CREATE FUNCTION search_question(asked text, OUT query tsquery, OUT corrected text)
    LANGUAGE sql STABLE AS $$
    WITH words AS (
        SELECT w, min(place) AS place
          FROM regexp_split_to_table(search_text(asked), ' ') WITH ORDINALITY AS s (w, place)
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
                                      coalesce(word, asked)) AS stem) l -- twice would count for nothing
         GROUP BY place
    )
    SELECT string_agg('(' || term || ')', ' & ')::tsquery,
           CASE WHEN bool_or(is_corrected) THEN string_agg(best, ' ' ORDER BY place) END
      FROM terms
$$;

DO $$
BEGIN
    PERFORM search_refresh(array_agg(p.id)) FROM packages p GROUP BY p.id / 1000;
    UPDATE search_state SET serial = (SELECT serial FROM registry);
END
$$;
