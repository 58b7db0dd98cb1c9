-- Sets or ends a deprecation or an alias of an entry point. No row when it is so already, or there is no such package.
-- parameters: package text, group_name text, name text, is_alias bool, message text, successor text, is_set bool,
--   actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
SELECT epoch, epoch_number, serial FROM entry_state_set($1, $2, $3, $4, $5, $6, $7, $8)
