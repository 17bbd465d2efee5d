-- $1: how many are counted at most.
SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries LIMIT $1) AS queue
