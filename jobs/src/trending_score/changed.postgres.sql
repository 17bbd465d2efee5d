-- $1: how many; $2: now; $3: the part by which a score has to change. How many clips are visible, and
-- so many at most that have changed.
SELECT count(*), coalesce((array_agg(id) FILTER (
    WHERE engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
       -- Where it matters, the engagement is what is stored.
       OR abs(trending_score - engagement_count / greatest(tstzrange_subdiff($2, created_at) / 3600, 1))
           > $3 * abs(trending_score)
))[1:$1], '{}')
FROM clips
WHERE NOT is_removed AND NOT is_hidden
