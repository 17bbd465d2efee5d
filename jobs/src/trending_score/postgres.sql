-- $1 and $2: the clips after one and up to another; $3: now; $4: the part by which a score has to change.
UPDATE clips SET trending_score = scored.trending_score, engagement_count = scored.engagement_count
FROM (
    SELECT
        id,
        engagement_count,
        engagement_count / greatest(extract(epoch FROM $3 - created_at)::double precision / 3600, 1) AS trending_score
    FROM (
        SELECT id, created_at, view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count AS engagement_count
        FROM clips
        WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
    ) AS counted
) AS scored
WHERE clips.id = scored.id
  AND (clips.engagement_count IS DISTINCT FROM scored.engagement_count
       OR abs(clips.trending_score - scored.trending_score) > $4 * abs(clips.trending_score))
