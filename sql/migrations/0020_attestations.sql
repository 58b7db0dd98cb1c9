-- Attestations (PEP 740) lie beside their file, byte for byte as they were sent: signatures cover them.
CREATE TABLE attestations (
    artifact_id bigint PRIMARY KEY REFERENCES artifacts (id),
    body        text NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 524288)
);

CREATE TRIGGER attestations_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON attestations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
