-- The last row of a full page after $1, which has $2 rows before it. It counts nothing that it needs
-- not to.
SELECT id FROM {table} WHERE id > $1 AND {condition} ORDER BY id LIMIT 1 OFFSET $2
