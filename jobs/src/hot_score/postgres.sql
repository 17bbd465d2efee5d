-- $1 and $2: the clips after one and up to another.
UPDATE clips SET hot_rank = ranked.hot_rank
FROM (
    SELECT
        id,
        sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
            + (extract(epoch FROM created_at)::double precision - 1577836800) / 45000 AS hot_rank
    FROM clips
    WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
) AS ranked
WHERE clips.id = ranked.id AND clips.hot_rank IS DISTINCT FROM ranked.hot_rank
