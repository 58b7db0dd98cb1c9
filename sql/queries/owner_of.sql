-- Who owns a package, and who owns a group; NULL for nobody, and for what is not asked.
-- parameters: package text, group_name text
-- columns: package_owner text, group_owner text
-- shape: one
SELECT (SELECT owner FROM packages WHERE name = $1) AS package_owner,
       (SELECT owner FROM groups WHERE group_name = $2) AS group_owner
