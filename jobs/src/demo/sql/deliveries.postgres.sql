-- $1: how many for each subscription that is active; $2: now; $3: the round, which makes messages new.
INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
SELECT 'msg_' || $3 || '_' || subscription.id || '_' || n, subscription.id, 'clip.created',
       json_build_object('type', 'clip.created', 'data', json_build_object('clip', n))::text, $2, $2
FROM generate_series(1, $1) AS numbers (n), webhook_subscriptions AS subscription
WHERE subscription.is_active
