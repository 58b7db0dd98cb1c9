-- Sets the contract of a group. No row when it is so already.
-- parameters: group_name text, owner text, description text, name_pattern text, kind text,
--   conflict text, priority text[], manifest_schema text, settings_schema text, actor text,
--   error_checks text[], deprecated text, successor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
WITH written AS (
    INSERT INTO groups AS g (group_name, owner, description, name_pattern, kind, conflict, priority,
                             manifest_schema, settings_schema, updated_at, updated_by, error_checks,
                             deprecated, successor, deprecated_at, deprecated_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), $10, $11, $12, $13,
            CASE WHEN $12 IS NOT NULL THEN now() END, CASE WHEN $12 IS NOT NULL THEN $10 END)
    ON CONFLICT (group_name) DO UPDATE
        SET owner = $2, description = $3, name_pattern = $4, kind = $5, conflict = $6,
            priority = $7, manifest_schema = $8, settings_schema = $9, error_checks = $11,
            deprecated = $12, successor = $13,
            deprecated_at = CASE WHEN $12 IS NULL THEN NULL
                                 WHEN (g.deprecated, g.successor) IS DISTINCT FROM ($12, $13) THEN now()
                                 ELSE g.deprecated_at END,
            deprecated_by = CASE WHEN $12 IS NULL THEN NULL
                                 WHEN (g.deprecated, g.successor) IS DISTINCT FROM ($12, $13) THEN $10
                                 ELSE g.deprecated_by END,
            revision = g.revision + 1, updated_at = now(), updated_by = $10
      WHERE (g.owner, g.description, g.name_pattern, g.kind, g.conflict, g.priority,
             g.manifest_schema, g.settings_schema, g.error_checks, g.deprecated, g.successor)
            IS DISTINCT FROM ($2, $3, $4, $5, $6, $7, $8, $9, $11, $12, $13)
    RETURNING g.group_name
)
SELECT c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM written,
       record_change('group', NULL, NULL, ARRAY[written.group_name], $10,
                     jsonb_build_object('owner', $2, 'description', $3, 'name_pattern', $4,
                                        'kind', $5, 'conflict', $6, 'priority', $7,
                                        'manifest_schema', $8, 'settings_schema', $9,
                                        'error_checks', $11, 'deprecated', $12, 'successor', $13)) AS c
