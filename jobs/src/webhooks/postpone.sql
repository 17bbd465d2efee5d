-- $1 for how many milliseconds, $2 status or null, $3 error, $4 delivery, $5 claim.
UPDATE webhook_deliveries
SET attempts = attempts + 1, last_status_code = $2, last_error = $3, next_attempt_at = {later}, claim = NULL,
    claimed_until = NULL
WHERE id = $4 AND claim = $5
