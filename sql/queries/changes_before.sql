-- The changes before a serial that match, the newest first; otherwise as changes_since. The first of package, group,
-- environment, actor and kind that is given leads, by an index; the others narrow what it gives. So few changes are
-- read to find a few. Places in an index are compared as rows, so that no plan can read by serial and skip the rest.
-- parameters: before int8, row_limit int8, package text, group_name text, environment text, actor text, kind text
-- columns: epoch text, epoch_number int8, current_serial int8, serial int8, kind text, package text, version text,
--   environment text, reason text, at text, groups text, actor text, detail text
-- shape: many
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial AS current_serial, c.serial, c.kind,
       c.package, c.version, c.environment, c.reason, rfc3339(c.at) AS at,
       array_to_string(c.groups, E'\n') AS groups, c.actor, c.detail
  FROM registry
  LEFT JOIN (
      (SELECT n.* FROM changes n
       WHERE (n.package, n.serial) < ($3, $1) AND n.package >= $3
         AND CASE WHEN $4 IS NULL THEN true ELSE $4 = ANY (n.groups) END
         AND CASE WHEN $5 IS NULL THEN true ELSE n.environment = $5 END
         AND CASE WHEN $6 IS NULL THEN true ELSE n.actor = $6 END
         AND CASE WHEN $7 IS NULL THEN true ELSE n.kind = $7 END
       ORDER BY n.package DESC, n.serial DESC LIMIT $2)
      UNION ALL
      (SELECT n.* FROM change_groups g, LATERAL (SELECT * FROM changes c WHERE c.serial = g.serial OFFSET 0) n
       WHERE num_nonnulls($3) = 0 AND (g.group_name, g.serial) < ($4, $1) AND g.group_name >= $4
         AND CASE WHEN $5 IS NULL THEN true ELSE n.environment = $5 END
         AND CASE WHEN $6 IS NULL THEN true ELSE n.actor = $6 END
         AND CASE WHEN $7 IS NULL THEN true ELSE n.kind = $7 END
       ORDER BY g.group_name DESC, g.serial DESC LIMIT $2)
      UNION ALL
      (SELECT n.* FROM changes n
       WHERE num_nonnulls($3, $4) = 0 AND (n.environment, n.serial) < ($5, $1) AND n.environment >= $5
         AND CASE WHEN $6 IS NULL THEN true ELSE n.actor = $6 END
         AND CASE WHEN $7 IS NULL THEN true ELSE n.kind = $7 END
       ORDER BY n.environment DESC, n.serial DESC LIMIT $2)
      UNION ALL
      (SELECT n.* FROM changes n
       WHERE num_nonnulls($3, $4, $5) = 0 AND (n.actor, n.serial) < ($6, $1) AND n.actor >= $6
         AND CASE WHEN $7 IS NULL THEN true ELSE n.kind = $7 END
       ORDER BY n.actor DESC, n.serial DESC LIMIT $2)
      UNION ALL
      (SELECT n.* FROM changes n
       WHERE num_nonnulls($3, $4, $5, $6) = 0 AND (n.kind, n.serial) < ($7, $1) AND n.kind >= $7
       ORDER BY n.kind DESC, n.serial DESC LIMIT $2)
      UNION ALL
      (SELECT n.* FROM changes n
       WHERE num_nonnulls($3, $4, $5, $6, $7) = 0 AND n.serial < $1 ORDER BY n.serial DESC LIMIT $2)) c ON true
 ORDER BY c.serial DESC
