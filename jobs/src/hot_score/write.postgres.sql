-- $1: clips.
UPDATE clips
SET hot_rank = CASE
        WHEN vote_score > 0 THEN log(vote_score::double precision)
        WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
        ELSE 0
    END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
WHERE id = ANY ($1) AND NOT is_removed AND NOT is_hidden
