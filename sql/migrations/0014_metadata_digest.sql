-- The digest of each file's metadata, which the package index names beside the file, so that a page is written
-- without reading the metadata itself.
--
-- convert_to is only stable, because a database could change its encoding; this one is UTF-8 for ever.
CREATE FUNCTION text_sha256(content text) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT sha256(convert_to(content, 'UTF8'))
$$;

ALTER TABLE artifacts
    ADD COLUMN metadata_sha256 bytea GENERATED ALWAYS AS (text_sha256(metadata)) STORED;
