-- Holds the registry row until the transaction ends: one writer at a time.
-- shape: none
SELECT FROM registry FOR NO KEY UPDATE
