-- $1: claim.
UPDATE webhook_deliveries SET claim = $1
WHERE subscription_id IN (SELECT id FROM webhook_subscriptions WHERE NOT is_active)
  AND next_attempt_at <= {now} AND (claimed_until IS NULL OR claimed_until <= {now})
