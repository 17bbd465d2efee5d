-- $1 and $2: the clips after one and up to another; $3: now; $4: the part by which a score has to change.
UPDATE clips
SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
    trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
        / greatest(date_part('epoch', $3 - created_at) / 3600, 1)
WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
  AND (engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
       OR abs(trending_score - (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
           / greatest(date_part('epoch', $3 - created_at) / 3600, 1)) > $4 * abs(trending_score))
