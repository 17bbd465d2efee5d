-- How many rows there are, and which have changed. Without an index, since one of the same rows
-- would be read beside them.
SELECT count(*), {ids}
FROM {table} {unindexed}
WHERE {rows} {range}
