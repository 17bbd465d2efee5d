-- A message may be given up more than once.
CREATE TABLE webhook_dead_letters_of_any_message (
    id               INTEGER PRIMARY KEY,
    message_id       TEXT NOT NULL,
    subscription_id  INTEGER NOT NULL REFERENCES webhook_subscriptions (id) ON DELETE CASCADE,
    event_type       TEXT NOT NULL,
    payload          TEXT NOT NULL,
    attempts         INTEGER NOT NULL,
    last_status_code INTEGER,
    last_error       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    died_at          INTEGER NOT NULL
) STRICT;
INSERT INTO webhook_dead_letters_of_any_message
SELECT id, message_id, subscription_id, event_type, payload, attempts, last_status_code, last_error, created_at, died_at
FROM webhook_dead_letters;
DROP TABLE webhook_dead_letters;
ALTER TABLE webhook_dead_letters_of_any_message RENAME TO webhook_dead_letters;
CREATE INDEX webhook_dead_letters_by_message ON webhook_dead_letters (message_id);
CREATE INDEX webhook_dead_letters_by_death ON webhook_dead_letters (died_at, id);
