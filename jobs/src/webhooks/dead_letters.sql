-- $1: how many.
SELECT id, message_id, subscription_id, event_type, attempts, last_error, died_at
FROM webhook_dead_letters
ORDER BY died_at DESC, id DESC
LIMIT $1
