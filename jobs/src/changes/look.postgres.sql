-- How many rows there are, and so many at most that have changed.
SELECT count(*), coalesce(array_to_json((array_agg(id) FILTER (WHERE {changed}))[1:{most}])::text, '[]')
FROM {table}
WHERE {rows} {range}
