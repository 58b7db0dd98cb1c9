-- Reserved names, by name.
-- parameters: after text, row_limit int8
-- columns: name text, is_prefix bool, team text, reason text, created_at text, created_by text
-- shape: many
SELECT r.name, r.is_prefix, r.team, r.reason, rfc3339(r.created_at) AS created_at, r.created_by
  FROM reserved_names r
 WHERE r.name > $1
 ORDER BY r.name
 LIMIT $2
