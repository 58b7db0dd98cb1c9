-- The facets of the packages that have all the given ones, so many of each kind, counted over at most `counted_most`
-- packages: when there are more, is_part says that each number is a lower bound. Names as in packages_filtered.
-- parameters: facets text[], names text, counted_most int8, per_kind int8
-- columns: facet text, packages int8, is_part bool
-- shape: many
WITH matched AS MATERIALIZED (
    SELECT s.facets FROM package_search s
     WHERE s.facets @> $1
       AND ($2::text IS NULL OR s.name IN (SELECT unnest(string_to_array($2, E'\n'))))
     LIMIT $3 + 1
), counted AS (
    SELECT t.facet, count(*) AS packages
      FROM (SELECT * FROM matched LIMIT $3) m, unnest(m.facets) AS t (facet) GROUP BY t.facet
), placed AS (
    SELECT facet, packages, row_number() OVER (PARTITION BY left(facet, 2) ORDER BY packages DESC, facet) AS place
      FROM counted
)
SELECT facet, packages, (SELECT count(*) FROM matched) > $3 AS is_part
  FROM placed WHERE place <= $4 ORDER BY left(facet, 2), place
