-- Groups whose names the packaging standard does not allow: stored before names were checked for that.
-- parameters: row_limit int8
-- columns: name text
-- shape: many
SELECT group_name AS name FROM group_counts
 WHERE group_name !~ '^[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*$'
 ORDER BY group_name
 LIMIT $1
