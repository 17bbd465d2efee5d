-- $1 clips, $2 model.
UPDATE clips SET embedding_is_indexed = (1 = 1) WHERE {is_of_clips} AND embedding_model = $2
