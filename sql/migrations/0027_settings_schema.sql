-- What a group says of its plugins' settings, beside what it says of their manifests.
ALTER TABLE groups ADD COLUMN settings_schema text;

COMMENT ON COLUMN groups.manifest_schema IS 'JSON Schema of the manifests, as text; held against each publish';
COMMENT ON COLUMN groups.settings_schema IS 'JSON Schema of the settings, as text; held against each environment';
