-- $1: how many. How many clips are visible, and so many at most whose votes have changed.
SELECT count(*), coalesce((array_agg(id) FILTER (
    WHERE hot_rank IS DISTINCT FROM CASE
            WHEN vote_score > 0 THEN log(vote_score::double precision)
            WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
            ELSE 0
        END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
))[1:$1], '{}')
FROM clips
WHERE NOT is_removed AND NOT is_hidden
