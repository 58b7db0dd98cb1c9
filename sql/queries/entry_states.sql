-- What owners decided about single entry points, by group, package and name; a deprecation before an alias. Of a group
-- or of a package, or all (NULL: any).
-- parameters: group_name text, package text, row_limit int8
-- columns: group_name text, package text, name text, is_alias bool, message text, successor text, changed_at text,
--   changed_by text
-- shape: many
SELECT e.group_name, p.name AS package, e.name, e.is_alias, e.message, e.successor,
       rfc3339(e.changed_at) AS changed_at, e.changed_by
  FROM entry_states e
  JOIN packages p ON p.id = e.package_id
 WHERE coalesce(e.group_name = $1, true) AND coalesce(p.name = $2, true)
 ORDER BY e.group_name, p.name, e.name, e.is_alias
 LIMIT $3
