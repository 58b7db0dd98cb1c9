-- Packages that have all the facets, by name, from after the cursor's name. The number of packages with one facet is kept;
-- with more they are counted up to 10,000. Names, a line each, narrow; NULL does not. Every rank is 0.
-- parameters: facets text[], names text, after_name text, row_limit int8
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, rank int8, total int8
-- shape: many
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at, m.rank,
       CASE WHEN cardinality($1) = 1 AND $2 IS NULL
            THEN (SELECT f.packages FROM search_facets f WHERE f.facet = $1[1])
            ELSE (SELECT count(*) FROM (SELECT FROM package_search s
                   WHERE s.facets @> $1
                     AND ($2::text IS NULL OR s.name IN (SELECT unnest(string_to_array($2, E'\n'))))
                   LIMIT 10000) x)
       END AS total
  FROM (SELECT s.package_id, s.release_id, s.name, 0::int8 AS rank
          FROM package_search s
         WHERE s.facets @> $1
           AND ($2::text IS NULL OR s.name IN (SELECT unnest(string_to_array($2, E'\n'))))
           AND s.name > $3
         ORDER BY s.name LIMIT $4) m
  JOIN packages p ON p.id = m.package_id
  JOIN releases r ON r.id = m.release_id
 ORDER BY m.name
