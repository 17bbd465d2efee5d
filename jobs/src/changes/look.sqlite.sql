-- How many rows there are, and which have changed. Without an index, since that of visible clips
-- would be read beside them.
SELECT count(*), json_group_array(id) FILTER (WHERE {changed})
FROM {table} NOT INDEXED
WHERE {rows} {range}
