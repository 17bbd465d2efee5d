-- Copies letters to the deliveries, if nobody enqueues the same message at the same moment.
INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, last_error,
    last_status_code, created_at)
SELECT message_id, subscription_id, event_type, payload, 0, {now}, last_error, last_status_code, created_at
FROM {letters}
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id
