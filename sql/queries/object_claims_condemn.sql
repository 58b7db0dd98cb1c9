-- Gives up claims whose time is over, and names their objects, which are to be removed. Nobody else gets them for
-- `seconds`; then they come again, until object_claim_end says that they are gone. Claims of another history stay.
-- parameters: limit int8, seconds int8
-- columns: key text
-- shape: many
-- writes: yes
UPDATE object_claims SET condemned_at = coalesce(condemned_at, now()),
                         expires_at = now() + make_interval(secs => $2)
 WHERE key IN (SELECT c.key FROM object_claims c
                WHERE c.expires_at < now() AND c.epoch = (SELECT epoch FROM registry)
                ORDER BY c.expires_at LIMIT $1
                  FOR UPDATE SKIP LOCKED)
RETURNING key
