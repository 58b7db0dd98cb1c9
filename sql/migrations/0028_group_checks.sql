-- Which warnings about wheels are errors in a group: codes such as entry-point-module-missing.
ALTER TABLE groups ADD COLUMN error_checks text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN groups.error_checks IS 'codes of warnings about wheels that refuse a file of the group';
