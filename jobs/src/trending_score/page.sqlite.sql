-- ?1 and ?2: the clips after one and up to another; ?3: now, in milliseconds; ?4: the part by which
-- a score has to change. Without an index, since that of visible clips would be read beside them.
UPDATE clips NOT INDEXED
SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
    trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
        / max((?3 - created_at) / 3600000.0, 1.0)
WHERE id > ?1 AND id <= ?2 AND NOT is_removed AND NOT is_hidden
  AND (engagement_count IS NOT view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
       -- Where it matters, the engagement is what is stored.
       OR abs(trending_score - engagement_count / max((?3 - created_at) / 3600000.0, 1.0)) > ?4 * abs(trending_score))
