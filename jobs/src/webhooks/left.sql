-- How many selected letters there are: of subscriptions that are not active, and of others.
SELECT count(*) FILTER (WHERE NOT subscription.is_active), count(*) FILTER (WHERE subscription.is_active)
FROM webhook_dead_letters AS letter
JOIN webhook_subscriptions AS subscription ON subscription.id = letter.subscription_id
WHERE {is_selected}
