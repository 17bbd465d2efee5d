INSERT INTO user_stats (user_id, trust_score, engagement_score)
SELECT id, trust_score, engagement_score FROM scored WHERE true
ON CONFLICT (user_id) DO UPDATE
SET trust_score = excluded.trust_score, engagement_score = excluded.engagement_score
WHERE user_stats.trust_score IS DISTINCT FROM excluded.trust_score
   OR user_stats.engagement_score IS DISTINCT FROM excluded.engagement_score
