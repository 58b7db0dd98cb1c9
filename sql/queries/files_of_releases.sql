-- The files of releases, by the position of the release in the lists, wheels before the sdist.
-- parameters: packages text[], versions text[]
-- columns: position int8, filename text, kind text, sha256 text, tags text,
--   size int8, uploaded_at text, requires_python text
-- shape: many
SELECT wanted.position, a.filename, a.kind, encode(a.sha256, 'hex') AS sha256,
       array_to_string(a.tags, ' ') AS tags, a.size,
       rfc3339(a.uploaded_at) AS uploaded_at, file_requires_python(a, r) AS requires_python
  FROM unnest($1, $2) WITH ORDINALITY AS wanted (package, version, position)
  JOIN packages p ON p.name = wanted.package
  JOIN releases r ON r.package_id = p.id AND r.version = wanted.version
  JOIN artifacts a ON a.release_id = r.id
 ORDER BY wanted.position, a.kind DESC, a.filename
