-- Entry points of the newest releases, found by what `key` is (module, attribute, name, group or package), behind
-- a place; the other parameters narrow them (NULL: any).
-- parameters: way text, key text, group_name text, name text, package text, value text, module text,
--   after_group text, after_name text, after_package text, row_limit int8
-- columns: group_name text, name text, value text, package text, version text, status text
-- shape: many
SELECT group_name, name, value, package, version, status
  FROM find_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
