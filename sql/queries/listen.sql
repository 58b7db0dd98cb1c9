-- Asks for a notification per change on this connection.
-- shape: none
LISTEN registry_changes
