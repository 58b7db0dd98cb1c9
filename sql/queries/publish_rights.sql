-- What stands around a name that somebody wants to publish: the package and its owner, another package
-- of a name that is taken for this one, a reservation, and those of the groups that have an owner and do
-- not hold the package yet (owner and group, one a line each). One row always.
-- parameters: name text, groups text[]
-- columns: is_there bool, owner text, confusable text, reserved text, reserved_for text,
--   owned_groups text
-- shape: one
SELECT p.id IS NOT NULL AS is_there, p.owner, c.name AS confusable, n.name AS reserved,
       n.team AS reserved_for,
       coalesce((SELECT string_agg(g.owner || E'\n' || g.group_name, E'\n' ORDER BY g.group_name)
                   FROM groups g
                  WHERE g.group_name = ANY ($2) AND g.owner IS NOT NULL
                    AND NOT EXISTS (SELECT FROM group_entries e
                                     WHERE e.group_name = g.group_name AND e.package_id = p.id)),
                '') AS owned_groups
  FROM registry
  LEFT JOIN packages p ON p.name = $1
  LEFT JOIN packages c ON confusable_form(c.name) = confusable_form($1) AND c.name <> $1
  LEFT JOIN LATERAL (
      SELECT r.name, r.team FROM reserved_names r
       WHERE confusable_form(r.name) = confusable_form($1)
          OR (r.is_prefix AND starts_with($1, r.name || '-'))
       ORDER BY octet_length(r.name) DESC LIMIT 1) n ON true
