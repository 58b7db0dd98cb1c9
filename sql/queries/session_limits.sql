-- Sets the time limits of this connection ("0" = none, "5s").
-- parameters: statement_timeout text, lock_timeout text
-- shape: none
SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false)
