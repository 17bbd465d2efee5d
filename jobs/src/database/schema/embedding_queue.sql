-- Clips that never failed by their model, so that those without the model in force are found
-- wherever it stands among the others; and those that failed, the oldest failure first.
CREATE INDEX clips_by_embedding_model ON clips (embedding_model, id)
WHERE embedding_failed_at IS NULL AND NOT is_removed AND NOT is_hidden;
CREATE INDEX clips_by_embedding_failure ON clips (embedding_failed_at, id)
WHERE embedding_failed_at IS NOT NULL AND NOT is_removed AND NOT is_hidden;
