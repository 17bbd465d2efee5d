-- Whether the extension can be had, and the column is not there.
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')
    AND NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'clips'::regclass AND attname = 'embedding_vector' AND NOT attisdropped
    )
