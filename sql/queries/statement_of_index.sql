-- Which packages the registry has, each with its last change, as one line of JSON.
-- columns: statement text
-- shape: one
SELECT json_build_object(
           'kind', 'registryd-index', 'format', 1, 'epoch', registry.epoch, 'serial', registry.serial,
           'packages', coalesce(
               (SELECT json_agg(json_build_object(
                           'package', p.name,
                           'serial', (SELECT coalesce(max(c.serial), 0)
                                        FROM changes c WHERE c.package = p.name)) ORDER BY p.name)
                  FROM packages p), '[]'))::text AS statement
  FROM registry
