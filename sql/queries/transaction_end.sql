-- Ends a transaction that only read, or gives up one that wrote.
-- shape: none
ROLLBACK
