-- $1 claim, $2 for how many milliseconds, $3 how many, $4 for which subscriptions none. Rows that
-- another replica is claiming are left to it.
UPDATE webhook_deliveries AS delivery
SET claim = $1, claimed_until = now() + $2::bigint * interval '1 millisecond'
FROM webhook_subscriptions AS subscription
WHERE delivery.id IN (
    SELECT id FROM webhook_deliveries
    WHERE next_attempt_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
      AND subscription_id <> ALL($4)
      AND EXISTS (SELECT FROM webhook_subscriptions AS s WHERE s.id = subscription_id AND s.is_active)
    ORDER BY next_attempt_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
  AND subscription.id = delivery.subscription_id
RETURNING
    delivery.id, delivery.message_id, delivery.subscription_id, delivery.payload, delivery.attempts,
    subscription.url, subscription.secret
