-- ?1 claim, ?2 now, ?3 until when it is claimed, ?4 how many, ?5 for which subscriptions none.
UPDATE webhook_deliveries
SET claim = ?1, claimed_until = ?3
WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE next_attempt_at <= ?2 AND (claimed_until IS NULL OR claimed_until <= ?2)
      AND subscription_id NOT IN (SELECT value FROM json_each(?5))
      AND EXISTS (SELECT * FROM webhook_subscriptions AS s WHERE s.id = subscription_id AND s.is_active)
    ORDER BY next_attempt_at, id
    LIMIT ?4
)
RETURNING
    id, message_id, subscription_id, payload, attempts,
    (SELECT url FROM webhook_subscriptions AS s WHERE s.id = subscription_id) AS url,
    (SELECT secret FROM webhook_subscriptions AS s WHERE s.id = subscription_id) AS secret
