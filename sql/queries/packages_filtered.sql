-- Packages that have all the facets, by name, from after the cursor. Names, a line
-- each, narrow; NULL does not.
-- parameters: facets text[], names text, after text, row_limit int8
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, total int8
-- shape: many
WITH matched AS MATERIALIZED (
    SELECT s.package_id, s.release_id, s.name FROM package_search s WHERE s.facets @> $1
       AND ($2::text IS NULL OR s.name IN (SELECT unnest(string_to_array($2, E'\n'))))
)
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at, (SELECT count(*) FROM matched) AS total
  FROM (SELECT * FROM matched WHERE name > $3 ORDER BY name LIMIT $4) m
  JOIN packages p ON p.id = m.package_id
  JOIN releases r ON r.id = m.release_id
 ORDER BY m.name
