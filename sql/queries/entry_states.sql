-- What owners decided about single entry points, by group, package and name; a deprecation before an alias.
-- columns: group_name text, package text, name text, is_alias bool, message text, successor text, changed_at text,
--   changed_by text
-- shape: many
SELECT e.group_name, p.name AS package, e.name, e.is_alias, e.message, e.successor,
       rfc3339(e.changed_at) AS changed_at, e.changed_by
  FROM entry_states e
  JOIN packages p ON p.id = e.package_id
 ORDER BY e.group_name, p.name, e.name, e.is_alias
