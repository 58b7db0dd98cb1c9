-- Begins a session. The token's oldest ones beyond its number go, and all that have ended.
-- parameters: id_hash bytea, token_hash bytea, life_hours int8, of_token_max int8
-- shape: none
-- writes: yes
WITH gone AS (
    DELETE FROM sessions
     WHERE begun_at <= now() - make_interval(hours => $3::int)
        OR id_hash IN (SELECT id_hash FROM sessions WHERE token_hash = $2
                        ORDER BY begun_at DESC OFFSET $4 - 1)
)
INSERT INTO sessions (id_hash, token_hash) VALUES ($1, $2)
