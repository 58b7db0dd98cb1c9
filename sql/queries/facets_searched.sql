-- As facets_filtered, of the packages that a person's words mean.
-- parameters: words text, facets text[], names text, counted_most int8, per_kind int8
-- columns: facet text, packages int8, is_part bool
-- shape: many
WITH asked AS MATERIALIZED (
    SELECT query FROM search_question($1)
), matched AS MATERIALIZED (
    SELECT s.facets FROM package_search s
     WHERE s.terms @@ (SELECT query FROM asked) AND ($2 = '{}' OR s.facets @> $2)
       AND ($3::text IS NULL OR s.name IN (SELECT unnest(string_to_array($3, E'\n'))))
     LIMIT $4 + 1
), counted AS (
    SELECT t.facet, count(*) AS packages
      FROM (SELECT * FROM matched LIMIT $4) m, unnest(m.facets) AS t (facet) GROUP BY t.facet
), placed AS (
    SELECT facet, packages, row_number() OVER (PARTITION BY left(facet, 2) ORDER BY packages DESC, facet) AS place
      FROM counted
)
SELECT facet, packages, (SELECT count(*) FROM matched) > $4 AS is_part
  FROM placed WHERE place <= $5 ORDER BY left(facet, 2), place
