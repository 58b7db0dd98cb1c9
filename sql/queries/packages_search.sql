-- Packages that a person's words mean, the best first, from after the cursor's rank and name. The
-- name itself and its beginning come before everything else; rank grows with what fits better. With the order newest,
-- rank is when the release was published; with name, it is the same for all. Names, a line each, narrow; NULL does not.
-- parameters: words text, facets text[], names text, after_rank int8, after_name text, row_limit int8, list_order text
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, rank int8, total int8, corrected text
-- shape: many
WITH asked AS MATERIALIZED (
    SELECT query, corrected, replace(btrim(search_text($1)), ' ', '-') AS name
      FROM search_question($1)
), matched AS MATERIALIZED (
    SELECT s.package_id, s.release_id, s.name,
           CASE $7 WHEN 'newest' THEN s.published WHEN 'name' THEN 0
           ELSE (1000 * (8 * (s.name = (SELECT name FROM asked))::int
                    + 4 * starts_with(s.name, (SELECT name FROM asked))::int
                    + ts_rank('{0.05, 0.1, 0.3, 1.0}', s.terms, (SELECT query FROM asked))))::int8
           END AS rank
      FROM package_search s
     WHERE s.terms @@ (SELECT query FROM asked) AND ($2 = '{}' OR s.facets @> $2)
       AND ($3::text IS NULL OR s.name IN (SELECT unnest(string_to_array($3, E'\n'))))
)
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at, m.rank, (SELECT count(*) FROM matched) AS total,
       (SELECT corrected FROM asked) AS corrected
  FROM (SELECT * FROM matched
         WHERE rank < $4 OR rank = $4 AND name > $5
         ORDER BY rank DESC, name LIMIT $6) m
  JOIN packages p ON p.id = m.package_id
  JOIN releases r ON r.id = m.release_id
 ORDER BY m.rank DESC, m.name
