-- $1: clip.
UPDATE clips SET embedding_failed_at = {now} WHERE id = $1
