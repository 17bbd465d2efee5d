-- The last row after $1, and how many there are.
SELECT max(id), count(*) FROM {table} WHERE id > $1 AND {condition}
