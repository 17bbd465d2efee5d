-- $1: clips; $2: now.
UPDATE clips
SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
    trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
        / greatest(tstzrange_subdiff($2, created_at) / 3600, 1)
WHERE id = ANY ($1) AND NOT is_removed AND NOT is_hidden
