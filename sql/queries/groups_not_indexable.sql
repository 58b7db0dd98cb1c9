-- Groups that cannot be indexed, because their names break the rule on group names (docs/FIELDS.md): stored
-- before registryd checked names. Both those with entry points and those that have only a contract.
-- parameters: row_limit int8
-- columns: name text
-- shape: many
SELECT g.name
  FROM (SELECT group_name AS name FROM group_counts
        UNION
        SELECT group_name FROM groups) g
 WHERE g.name !~ '^[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*$'
 ORDER BY g.name
 LIMIT $1
