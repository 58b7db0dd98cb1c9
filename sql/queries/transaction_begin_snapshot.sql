-- Begins a transaction whose statements all read one state of the database.
-- shape: none
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
