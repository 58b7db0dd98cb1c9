-- What stands around a name that somebody wants to publish: the package and its owner, another package
-- of a name that is taken for this one, a reservation, and those of the groups that have an owner and do
-- not hold the package yet (owner and group, one a line each). One row always.
-- parameters: name text, groups text[]
-- columns: is_there bool, owner text, confusable text, reserved text, reserved_for text,
--   owned_groups text
-- shape: one
SELECT is_there, owner, confusable, reserved, reserved_for, owned_groups FROM publish_rights($1, $2)
