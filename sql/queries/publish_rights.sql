-- What decides whether a name may be published: the package and its owner, another package whose name
-- looks like it, the reservation that it falls under, those of the groups that have an owner and do not hold
-- the package yet (owner and group, one a line each), and the sum of the revisions of the groups' contracts.
-- One row always.
-- parameters: name text, groups text[]
-- columns: is_there bool, owner text, confusable text, reserved text, reserved_for text,
--   owned_groups text, group_revision int8
-- shape: one
SELECT is_there, owner, confusable, reserved, reserved_for, owned_groups, group_revision
  FROM publish_rights($1, $2)
