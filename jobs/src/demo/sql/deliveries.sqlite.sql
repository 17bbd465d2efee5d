-- ?1: how many for each subscription that is active; ?2: now, in milliseconds; ?3: the round, which makes messages new.
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
SELECT 'msg_' || ?3 || '_' || subscription.id || '_' || n, subscription.id, 'clip.created',
       json_object('type', 'clip.created', 'data', json_object('clip', n)), ?2, ?2
FROM numbers, webhook_subscriptions AS subscription
WHERE subscription.is_active
