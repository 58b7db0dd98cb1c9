-- The object of a claim is gone, and none can appear under its key: the claim was condemned at least `seconds` ago.
-- parameters: key text, seconds int8
-- shape: none
-- writes: yes
DELETE FROM object_claims WHERE key = $1 AND condemned_at <= now() - make_interval(secs => $2)
