-- $1 and $2: the clips after one and up to another. Answers how many are visible, and how many were written. They are
-- counted and looked at in one pass, and only those that have changed are visited once more.
WITH page AS (
    SELECT count(*) AS rows, array_agg(id) FILTER (
        WHERE hot_rank IS DISTINCT FROM sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
            + (date_part('epoch', created_at) - 1577836800) / 45000
    ) AS changed
    FROM clips
    WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
),
written AS (
    UPDATE clips
    SET hot_rank = sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
        + (date_part('epoch', created_at) - 1577836800) / 45000
    WHERE id = ANY ((SELECT changed FROM page)::bigint[]) AND NOT is_removed AND NOT is_hidden
    RETURNING 1
)
SELECT rows, (SELECT count(*) FROM written) FROM page
