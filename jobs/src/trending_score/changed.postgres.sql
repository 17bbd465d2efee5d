-- $1 and $2: the blocks from one and before another; $3: now; $4: the part by which a score has to
-- change. How many clips in them are visible, and those that have changed.
SELECT count(*), coalesce(array_agg(id) FILTER (
    WHERE engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
       -- Where it matters, the engagement is what is stored.
       OR abs(trending_score - engagement_count / greatest(tstzrange_subdiff($3, created_at) / 3600, 1))
           > $4 * abs(trending_score)
), '{}')
FROM clips
WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND NOT is_removed AND NOT is_hidden
