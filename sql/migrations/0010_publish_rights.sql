-- What stands around a name is asked before every publish. Planned anew each time, as PostgreSQL would
-- choose to, the planning alone costs as much as a third of the publish; a function may fix the plan.

CREATE FUNCTION publish_rights(publishing text, into_groups text[],
                               OUT is_there boolean, OUT owner text, OUT confusable text,
                               OUT reserved text, OUT reserved_for text, OUT owned_groups text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $$
BEGIN
    SELECT p.id IS NOT NULL, p.owner, c.name, n.name, n.team,
           coalesce((SELECT string_agg(g.owner || E'\n' || g.group_name, E'\n' ORDER BY g.group_name)
                       FROM groups g
                      WHERE g.group_name = ANY (into_groups) AND g.owner IS NOT NULL
                        AND NOT EXISTS (SELECT FROM group_entries e
                                         WHERE e.group_name = g.group_name AND e.package_id = p.id)),
                    '')
      INTO is_there, owner, confusable, reserved, reserved_for, owned_groups
      FROM registry
      LEFT JOIN packages p ON p.name = publishing
      LEFT JOIN packages c
             ON confusable_form(c.name) = confusable_form(publishing) AND c.name <> publishing
      LEFT JOIN LATERAL (
          SELECT r.name, r.team FROM reserved_names r
           WHERE confusable_form(r.name) = confusable_form(publishing)
              OR (r.is_prefix AND starts_with(publishing, r.name || '-'))
           ORDER BY octet_length(r.name) DESC LIMIT 1) n ON true;
END
$$;
COMMENT ON FUNCTION publish_rights(text, text[]) IS
    'owned_groups: of those groups that have an owner and not the package yet; owner and group, one a line each';
