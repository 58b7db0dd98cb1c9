-- The newest revision of an environment that changed what it decides about each package, and about its
-- policy (package '').
-- parameters: environment text
-- columns: package text, revision int8, since text, by text
-- shape: many
SELECT m.package, m.revision, rfc3339(m.changed_at) AS since, m.changed_by AS by
  FROM environment_marks m
 WHERE m.environment = $1
 ORDER BY m.package
