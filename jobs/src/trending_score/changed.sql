-- $2: the part by which a score has to change.
engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
-- Where it matters, the engagement is what is stored.
OR abs(trending_score - engagement_count / {hours}) > $2 * abs(trending_score)
