-- A badge that somebody has is not awarded again, whoever else awards badges at the same time.
INSERT INTO user_badges (user_id, badge, awarded_at)
SELECT earned.user_id, earned.badge, $3
FROM (
    SELECT id AS user_id, 'influencer' AS badge FROM active WHERE karma >= 10000
    UNION ALL SELECT id, 'trusted_user' FROM active WHERE karma >= 1000
    UNION ALL SELECT id, 'veteran' FROM active WHERE age_days >= 365
    UNION ALL SELECT id, 'conversationalist' FROM active WHERE comments >= 100
    UNION ALL SELECT id, 'curator' FROM active WHERE votes_cast >= 1000
    UNION ALL SELECT id, 'submitter' FROM active WHERE clips_submitted >= 50
) AS earned
WHERE true
ON CONFLICT (user_id, badge) DO NOTHING
