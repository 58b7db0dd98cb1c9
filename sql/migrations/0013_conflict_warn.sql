-- Two packages with one name in a group are worth a warning unless the group's contract says otherwise. A
-- contract that was set before says "all", and goes on saying it.

ALTER TABLE groups DROP CONSTRAINT groups_conflict_check;
ALTER TABLE groups ADD CONSTRAINT groups_conflict_check
    CHECK (conflict IN ('warn', 'all', 'error', 'first', 'priority'));
