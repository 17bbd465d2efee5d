-- $1 reason, $2 delivery, $3 claim.
UPDATE webhook_subscriptions SET is_active = (1 = 0), disabled_reason = $1
WHERE id = (SELECT subscription_id FROM webhook_deliveries WHERE id = $2 AND claim = $3)
