-- $1 deliveries, $2 claim.
UPDATE webhook_deliveries SET claim = NULL, claimed_until = NULL WHERE {is_of_deliveries} AND claim = $2
