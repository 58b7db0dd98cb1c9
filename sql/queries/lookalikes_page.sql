-- Packages whose names look like one another's, each with those it looks like (one a line), by name. Reads
-- all names: for operators.
-- parameters: after text, row_limit int8
-- columns: package text, owner text, others text
-- shape: many
WITH form AS (
    SELECT lookalike_form(p.name) AS form FROM packages p GROUP BY 1 HAVING count(*) > 1
)
SELECT p.name AS package, p.owner,
       (SELECT string_agg(o.name, E'\n' ORDER BY o.name) FROM packages o
         WHERE lookalike_form(o.name) = form.form AND o.name <> p.name) AS others
  FROM form JOIN packages p ON lookalike_form(p.name) = form.form
 WHERE p.name > $1
 ORDER BY p.name
 LIMIT $2
