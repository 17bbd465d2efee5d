-- Two who replay the same letter at the same time wait for each other, and the second finds it
-- gone.
WITH chosen AS (
    SELECT * FROM webhook_dead_letters WHERE id IN ({replayable}) FOR UPDATE
),
due AS ({make_due})
DELETE FROM webhook_dead_letters WHERE id IN (SELECT id FROM chosen JOIN due USING (message_id))
