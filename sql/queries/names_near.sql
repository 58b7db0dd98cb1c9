-- The names of groups (g) or environments (e) that are most like a word, the nearest first. Names of packages have
-- the search (packages_search.sql).
-- parameters: word text, kind text, row_limit int8
-- columns: name text
-- shape: many
SELECT n.name
  FROM (SELECT c.group_name AS name FROM group_counts c WHERE $2 = 'g'
         UNION
        SELECT g.group_name FROM groups g WHERE $2 = 'g'
         UNION
        SELECT e.name FROM environments e WHERE $2 = 'e') n
 WHERE similarity(n.name, $1) >= 0.3 AND n.name <> $1
 ORDER BY similarity(n.name, $1) DESC, n.name
 LIMIT $3
