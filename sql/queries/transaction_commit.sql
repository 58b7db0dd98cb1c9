-- Ends a transaction; what it wrote is durable when this succeeds.
-- shape: none
-- writes: yes
COMMIT
