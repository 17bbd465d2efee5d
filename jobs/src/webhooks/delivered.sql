-- $1 deliveries, $2 claim.
DELETE FROM webhook_deliveries WHERE {is_of_deliveries} AND claim = $2
