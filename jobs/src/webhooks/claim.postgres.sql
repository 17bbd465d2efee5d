-- $1 claim, $2 now, $3 until when it is claimed, $4 how many, $5 for which subscriptions none. Rows that another replica is claiming are left to it.
UPDATE webhook_deliveries AS delivery
SET claim = $1, claimed_until = $3
FROM webhook_subscriptions AS subscription
WHERE delivery.id IN (
    SELECT id FROM webhook_deliveries
    WHERE next_attempt_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
      AND subscription_id <> ALL($5)
      AND EXISTS (SELECT FROM webhook_subscriptions AS s WHERE s.id = subscription_id AND s.is_active)
    ORDER BY next_attempt_at, id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
)
  AND subscription.id = delivery.subscription_id
RETURNING
    delivery.id, delivery.message_id, delivery.subscription_id, delivery.payload, delivery.attempts,
    subscription.url, subscription.secret
