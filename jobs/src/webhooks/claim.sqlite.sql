-- ?1 claim, ?2 for how many milliseconds, ?3 how many, ?4 for which subscriptions none.
UPDATE webhook_deliveries
SET claim = ?1, claimed_until = CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?2
WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE next_attempt_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER) AND (claimed_until IS NULL OR claimed_until <= CAST(unixepoch('subsec') * 1000 AS INTEGER))
      AND subscription_id NOT IN (SELECT value FROM json_each(?4))
      AND EXISTS (SELECT * FROM webhook_subscriptions AS s WHERE s.id = subscription_id AND s.is_active)
    ORDER BY next_attempt_at, id
    LIMIT ?3
)
RETURNING
    id, message_id, subscription_id, payload, attempts,
    (SELECT url FROM webhook_subscriptions AS s WHERE s.id = subscription_id) AS url,
    (SELECT secret FROM webhook_subscriptions AS s WHERE s.id = subscription_id) AS secret
