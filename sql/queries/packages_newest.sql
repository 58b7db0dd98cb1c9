-- Packages, the one with the newest release first, from after the cursor's rank and name.
-- parameters: after_rank int8, after_name text, row_limit int8
-- columns: name text, display_name text, summary text, latest_version text, status text,
--   status_reason text, replaced_by text, release_count int8, updated_at text, rank int8, total int8
-- shape: many
SELECT p.name, p.display_name, r.summary, r.version AS latest_version, p.status, p.status_reason,
       p.replaced_by, p.release_count, rfc3339(p.updated_at) AS updated_at, m.rank,
       (SELECT count(*) FROM package_search) AS total
  FROM (SELECT s.package_id, s.release_id, s.name, s.published AS rank FROM package_search s
         WHERE s.published <= $1 AND (s.published < $1 OR s.name > $2)
         ORDER BY s.published DESC, s.name LIMIT $3) m
  JOIN packages p ON p.id = m.package_id
  JOIN releases r ON r.id = m.release_id
 ORDER BY m.rank DESC, m.name
