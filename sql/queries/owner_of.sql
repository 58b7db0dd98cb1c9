-- Who owns a package, and who owns a group (its own owner, or that of the nearest group above it); NULL when
-- it has no owner, and for what is not asked.
-- parameters: package text, group_name text
-- columns: package_owner text, group_owner text
-- shape: one
SELECT (SELECT owner FROM packages WHERE name = $1) AS package_owner, CASE WHEN $2 IS NOT NULL THEN group_owner($2) END AS group_owner
