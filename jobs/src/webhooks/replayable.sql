-- Those of the selected letters that can become deliveries: their subscriptions are active, and no
-- delivery of the same message is due. Of a message that died several times, the last one.
SELECT max(letter.id)
FROM webhook_dead_letters AS letter
JOIN webhook_subscriptions AS subscription ON subscription.id = letter.subscription_id
WHERE subscription.is_active AND {is_selected}
  AND NOT EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.message_id = letter.message_id)
GROUP BY letter.message_id
