-- $1: key.
DELETE FROM cache WHERE key = $1
