-- $1 and $2: the blocks from one and before another. How many clips in them are visible, and those
-- whose votes have changed.
SELECT count(*), coalesce(array_agg(id) FILTER (
    WHERE hot_rank IS DISTINCT FROM CASE
            WHEN vote_score > 0 THEN log(vote_score::double precision)
            WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
            ELSE 0
        END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
), '{}')
FROM clips
WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND NOT is_removed AND NOT is_hidden
