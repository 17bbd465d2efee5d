-- $1 and $2: the clips after one and up to another; $3: now; $4: the part by which a score has to
-- change. Answers how many are visible, and how many were written. They are counted and looked at
-- in one pass, and only those that have changed are visited once more. Seconds are
-- `tstzrange_subdiff`, a subtraction, which takes less time than `date_part` of an interval.
WITH page AS (
    SELECT count(*) AS rows, array_agg(id) FILTER (
        WHERE engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
           -- Where it matters, the engagement is what is stored.
           OR abs(trending_score - engagement_count / greatest(tstzrange_subdiff($3, created_at) / 3600, 1))
               > $4 * abs(trending_score)
    ) AS changed
    FROM clips
    WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
),
written AS (
    UPDATE clips
    SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
        trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
            / greatest(tstzrange_subdiff($3, created_at) / 3600, 1)
    WHERE id = ANY ((SELECT changed FROM page)::bigint[]) AND NOT is_removed AND NOT is_hidden
    RETURNING 1
)
SELECT rows, (SELECT count(*) FROM written) FROM page
