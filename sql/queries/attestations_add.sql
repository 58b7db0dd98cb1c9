-- Keeps the attestations of a file that was added in this transaction, as they were sent.
-- parameters: filename text, body text
-- shape: none
-- writes: yes
INSERT INTO attestations (artifact_id, body)
SELECT a.id, $2 FROM artifacts a WHERE a.filename = $1
