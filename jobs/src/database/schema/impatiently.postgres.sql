-- Comes before each step. Whoever waits for a table holds up all who come after, also those of other
-- replicas.
SET LOCAL lock_timeout = '5s'
