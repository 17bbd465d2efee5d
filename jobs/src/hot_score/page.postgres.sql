-- $1 and $2: the clips after one and up to another. Answers how many are visible, and how many were
-- written. They are counted and looked at in one pass, and only those that have changed are visited
-- once more. Seconds are `tstzrange_subdiff`, a subtraction: `date_part`, which looks up the word
-- `epoch` for each row, would be a third of the time that a page takes.
WITH page AS (
    SELECT count(*) AS rows, array_agg(id) FILTER (
        WHERE hot_rank IS DISTINCT FROM CASE
                WHEN vote_score > 0 THEN log(vote_score::double precision)
                WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
                ELSE 0
            END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
    ) AS changed
    FROM clips
    WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
),
written AS (
    UPDATE clips
    SET hot_rank = CASE
            WHEN vote_score > 0 THEN log(vote_score::double precision)
            WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
            ELSE 0
        END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
    WHERE id = ANY ((SELECT changed FROM page)::bigint[]) AND NOT is_removed AND NOT is_hidden
    RETURNING 1
)
SELECT rows, (SELECT count(*) FROM written) FROM page
