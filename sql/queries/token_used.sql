-- Notes that a token was used, at most once a minute. No change of the registry.
-- parameters: id int8
-- shape: none
-- writes: yes
UPDATE tokens SET last_used_at = now()
 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
