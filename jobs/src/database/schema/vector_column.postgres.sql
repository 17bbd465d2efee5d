SET LOCAL lock_timeout = '5s';
CREATE EXTENSION IF NOT EXISTS vector;
ALTER TABLE clips ADD COLUMN embedding_vector vector GENERATED ALWAYS AS (embedding::vector) STORED;
