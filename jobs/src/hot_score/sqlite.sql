-- ?1 and ?2: the clips after one and up to another.
UPDATE clips SET hot_rank = ranked.hot_rank
FROM (
    SELECT id, sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0 AS hot_rank
    FROM clips
    WHERE id > ?1 AND id <= ?2 AND NOT is_removed AND NOT is_hidden
) AS ranked
WHERE clips.id = ranked.id AND clips.hot_rank IS NOT ranked.hot_rank
