-- $1: a number that no other lock has. Held until the transaction ends.
SELECT pg_advisory_xact_lock($1)
