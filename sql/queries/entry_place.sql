-- What is there of a package's entry point, and who else has the name in the group: another package whose newest
-- release has it, or to which it leads as an alias. One row always.
-- parameters: package text, group_name text, name text, present text
-- columns: epoch text, epoch_number int8, serial int8, has_package bool, has_name bool, has_present bool, holder text, alias_holder text
-- shape: one
SELECT registry.epoch::text AS epoch, registry.epoch_number, registry.serial,
       EXISTS (SELECT FROM packages p WHERE p.name = $1) AS has_package,
       EXISTS (SELECT FROM packages p
                 JOIN releases r ON r.package_id = p.id
                 JOIN entry_points e ON e.release_id = r.id AND e.group_name = $2 AND e.name = $3
                WHERE p.name = $1) AS has_name,
       EXISTS (SELECT FROM packages p
                 JOIN releases r ON r.package_id = p.id
                 JOIN entry_points e ON e.release_id = r.id AND e.group_name = $2 AND e.name = $4
                WHERE p.name = $1) AS has_present,
       (SELECT p.name FROM entry_points e
          JOIN releases r ON r.id = e.release_id
          JOIN packages p ON p.id = r.package_id
         WHERE e.group_name = $2 AND e.name = $3 AND e.release_id = latest_release(p.id)
         ORDER BY p.name = $1 DESC, p.name LIMIT 1) AS holder,
       (SELECT p.name FROM entry_states s JOIN packages p ON p.id = s.package_id
         WHERE s.is_alias AND s.group_name = $2 AND s.name = $3 AND p.name <> $1) AS alias_holder
  FROM registry
