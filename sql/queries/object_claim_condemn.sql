-- Gives up one claim, also one that the collector has ended. No row when a file refers to the object, which then must
-- stay. The claim comes up again after `seconds`, unless object_claim_end says before that the object is gone.
-- parameters: key text, seconds int8
-- columns: key text
-- shape: optional
-- writes: yes
INSERT INTO object_claims AS c (key, epoch, expires_at, condemned_at)
SELECT $1, registry.epoch, now() + make_interval(secs => $2), now()
  FROM registry
 WHERE NOT EXISTS (SELECT FROM blob_objects b WHERE b.key = $1)
ON CONFLICT (key) DO UPDATE SET condemned_at = coalesce(c.condemned_at, now()), expires_at = excluded.expires_at
RETURNING c.key
