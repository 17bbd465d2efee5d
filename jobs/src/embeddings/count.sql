-- The size: $1 model, $2 how many are counted at most.
SELECT count(*) FROM ({queue} LIMIT $2) AS queue
