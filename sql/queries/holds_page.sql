-- All holds: those of groups behind those of packages, by name.
-- columns: is_group bool, name text, after_release int8, reason text, held_at text, held_by text
-- shape: many
SELECT h.is_group, h.name, h.after_release, h.reason, rfc3339(h.held_at) AS held_at, h.held_by
  FROM holds h
 ORDER BY h.is_group, h.name
