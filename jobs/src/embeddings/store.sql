-- $1 embedding, $2 model, $3 clip.
UPDATE clips
SET embedding = $1, embedding_model = $2, embedding_generated_at = {now}, embedding_is_indexed = (1 = 0),
    embedding_failed_at = NULL
WHERE id = $3
