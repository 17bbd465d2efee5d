-- $1 for how many milliseconds, $2 delivery, $3 claim.
UPDATE webhook_deliveries SET next_attempt_at = {later} WHERE id = $2 AND claim = $3
