-- A message may be given up more than once.
ALTER TABLE webhook_dead_letters DROP CONSTRAINT webhook_dead_letters_message_id_key;
CREATE INDEX webhook_dead_letters_by_message ON webhook_dead_letters (message_id);
CREATE INDEX webhook_dead_letters_by_death ON webhook_dead_letters (died_at, id);
