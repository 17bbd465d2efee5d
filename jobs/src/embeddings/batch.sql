-- The clips to embed now: $1 model, $2 how many milliseconds from now a failure has to be, $3 how
-- many.
{queue}
ORDER BY part, embedding_failed_at, id
LIMIT $3
