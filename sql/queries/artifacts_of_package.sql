-- The artifacts of a package's live releases, the newest release first; of one release alone when
-- `version` is given.
-- parameters: package text, version text
-- columns: version text, filename text, kind text, size int8, sha256 text, tags text,
--   uploaded_at text, uploaded_by text, own_terms text,
--   own_words text
-- shape: many
SELECT r.version, a.filename, a.kind, a.size, encode(a.sha256, 'hex') AS sha256,
       array_to_string(a.tags, ' ') AS tags, rfc3339(a.uploaded_at) AS uploaded_at, a.uploaded_by,
       a.own_terms::text AS own_terms,
       CASE WHEN a.own_terms IS NOT NULL THEN coalesce(nullif(concat_ws(', ',
           'Python ' || (a.own_terms ->> 'requires_python'),
           (SELECT string_agg(one.text, ', ' ORDER BY one.place)
              FROM jsonb_array_elements_text(a.own_terms -> 'requires_dist')
                   WITH ORDINALITY AS one (text, place)
             WHERE one.place <= 20),
           CASE WHEN jsonb_array_length(a.own_terms -> 'requires_dist') > 20 THEN 'and more' END), ''),
           'nothing') END AS own_words
  FROM packages p
  JOIN releases r ON r.package_id = p.id AND r.state = 'live'
  JOIN artifacts a ON a.release_id = r.id
 WHERE p.name = $1 AND ($2 IS NULL OR r.version = $2)
 ORDER BY r.version_key DESC, a.filename
