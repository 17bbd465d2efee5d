-- $1 model, $2 after which clip, $3 how many.
SELECT id, title, broadcaster_name, game_name, embedding_model, embedding FROM clips
WHERE embedding_model = $1 AND NOT embedding_is_indexed AND NOT is_removed AND NOT is_hidden AND id > $2
ORDER BY id
LIMIT $3
