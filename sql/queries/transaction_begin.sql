-- Begins a transaction that writes.
-- shape: none
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE
