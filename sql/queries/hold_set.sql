-- Begins a hold of a package or a group, gives it another reason, or ends it (reason NULL). No row when it is so
-- already.
-- parameters: is_group bool, name text, reason text, actor text
-- columns: epoch text, epoch_number int8, serial int8
-- shape: optional
-- writes: yes
SELECT epoch, epoch_number, serial FROM hold_set($1, $2, $3, $4)
