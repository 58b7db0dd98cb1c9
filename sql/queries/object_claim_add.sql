-- Claims an object that an upload is about to write. After `seconds` it counts as given up.
-- parameters: key text, seconds int8
-- shape: none
-- writes: yes
INSERT INTO object_claims (key, epoch, expires_at)
SELECT $1, registry.epoch, now() + make_interval(secs => $2) FROM registry
