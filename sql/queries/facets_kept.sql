-- The facets that most packages have, so many of each kind, from the kept numbers.
-- parameters: per_kind int8
-- columns: facet text, packages int8, is_part bool
-- shape: many
SELECT f.facet, f.packages, false AS is_part
  FROM unnest(ARRAY['g:', 'c:', 'l:', 'p:', 'o:', 's:']) WITH ORDINALITY AS k (kind, place),
       LATERAL (SELECT s.facet, s.packages FROM search_facets s
                 WHERE left(s.facet, 2) = k.kind AND s.packages > 0
                 ORDER BY s.packages DESC, s.facet LIMIT $1) f
 ORDER BY k.place, f.packages DESC, f.facet
