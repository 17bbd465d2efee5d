-- ?1 and ?2: the users after one and up to another; ?3: now. Whoever is not banned, with what the
-- site counts about them.
WITH active AS (
    SELECT
        users.id,
        users.karma,
        floor((?3 - users.created_at) / 86400000.0) AS age_days,
        coalesce(stats.comments, 0) AS comments,
        coalesce(stats.votes_cast, 0) AS votes_cast,
        coalesce(stats.clips_submitted, 0) AS clips_submitted,
        coalesce(stats.correct_reports, 0) AS correct_reports,
        coalesce(stats.correct_reports + stats.incorrect_reports, 0) AS reports,
        coalesce(stats.days_active, 0) AS days_active,
        stats.trust_score AS known_trust_score
    FROM users
    LEFT JOIN user_stats AS stats ON stats.user_id = users.id
    WHERE users.id > ?1 AND users.id <= ?2 AND NOT users.is_banned
),
-- In tenths, so that a score does not change with each day of an account's age.
scored AS (
    SELECT
        id,
        known_trust_score,
        floor(10 * (
            min(age_days / 18.0, 20)
            + min(karma / 250.0, 40)
            + CASE WHEN reports > 0 THEN 20.0 * correct_reports / reports ELSE 0 END
            + min(comments / 10.0 + votes_cast / 100.0 + days_active / 5.0, 20)
        ) + 0.5) / 10 AS trust_score,
        2 * comments + votes_cast + 5 * clips_submitted + 3 * days_active AS engagement_score
    FROM active
)
