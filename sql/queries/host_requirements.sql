-- What releases require of some distributions, by package and in the order of the document.
-- parameters: packages text[], versions text[], hosts text[], row_limit int8
-- columns: package text, requirement text
-- shape: many
SELECT p.name AS package, required.text AS requirement
  FROM unnest($1, $2) AS wanted (package, version)
  JOIN packages p ON p.name = wanted.package
  JOIN releases r ON r.package_id = p.id AND r.version = wanted.version
 CROSS JOIN LATERAL jsonb_array_elements_text(r.requires_dist::jsonb) WITH ORDINALITY AS required (text, place)
 WHERE lower(regexp_replace(substring(required.text FROM '^\s*([A-Za-z0-9._-]+)'), '[-_.]+', '-', 'g')) = ANY ($3)
 ORDER BY p.name, required.place
 LIMIT $4
