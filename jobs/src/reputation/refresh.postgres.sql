-- $1 and $2: the users after one and up to another; $3: now. Whoever is not banned, with what the
-- site counts about them. All in one statement, so that it is read and computed once. Answers how
-- many users they are, and how many have other scores than before.
WITH active AS (
    SELECT
        users.id,
        users.karma,
        floor(tstzrange_subdiff($3, users.created_at) / 86400) AS age_days,
        coalesce(stats.comments, 0) AS comments,
        coalesce(stats.votes_cast, 0) AS votes_cast,
        coalesce(stats.clips_submitted, 0) AS clips_submitted,
        coalesce(stats.correct_reports, 0) AS correct_reports,
        coalesce(stats.correct_reports + stats.incorrect_reports, 0) AS reports,
        coalesce(stats.days_active, 0) AS days_active,
        stats.user_id IS NOT NULL AS has_stats,
        stats.trust_score AS known_trust_score,
        stats.engagement_score AS known_engagement_score
    FROM users
    -- The bounds are said twice, since PostgreSQL does not conclude them and would read all
    -- statistics for each page.
    LEFT JOIN user_stats AS stats ON stats.user_id = users.id AND stats.user_id > $1 AND stats.user_id <= $2
    WHERE users.id > $1 AND users.id <= $2 AND NOT users.is_banned
),
-- In tenths, so that a score does not change with each day of an account's age. Not in decimal
-- numbers, which take ten times as long.
scored AS MATERIALIZED (
    SELECT
        active.*,
        floor(10 * (
            least(age_days / 18, 20)
            + least(karma / 250::double precision, 40)
            + CASE WHEN reports > 0 THEN 20 * correct_reports / reports::double precision ELSE 0 END
            + least(comments / 10::double precision + votes_cast / 100::double precision + days_active / 5::double precision, 20)
        ) + 0.5::double precision) / 10 AS trust_score,
        2 * comments + votes_cast + 5 * clips_submitted + 3 * days_active AS engagement_score
    FROM active
),
badges AS (
    INSERT INTO user_badges (user_id, badge, awarded_at)
    SELECT id, badge, $3
    FROM (
        SELECT scored.id, earned.badge
        FROM scored
        CROSS JOIN LATERAL (VALUES
            ('influencer', karma >= 10000),
            ('trusted_user', karma >= 1000),
            ('veteran', age_days >= 365),
            ('conversationalist', comments >= 100),
            ('curator', votes_cast >= 1000),
            ('submitter', clips_submitted >= 50)
        ) AS earned (badge, is_earned)
        WHERE is_earned
        -- Reads what is known once. An anti-join would read it for each badge where there are none
        -- yet, with all that this statement itself has written: PostgreSQL believes that an empty
        -- table stays empty.
        EXCEPT
        SELECT user_id, badge FROM user_badges WHERE user_id > $1 AND user_id <= $2
    ) AS missing
    -- A badge that somebody has is not awarded again, whoever else awards badges at the same time.
    ON CONFLICT (user_id, badge) DO NOTHING
),
history AS (
    INSERT INTO trust_score_history (user_id, trust_score, changed_at)
    SELECT id, trust_score, $3 FROM scored WHERE known_trust_score IS DISTINCT FROM trust_score
),
updated AS (
    UPDATE user_stats SET trust_score = scored.trust_score, engagement_score = scored.engagement_score
    FROM scored
    WHERE user_stats.user_id = scored.id AND user_stats.user_id > $1 AND user_stats.user_id <= $2
      AND (known_trust_score IS DISTINCT FROM scored.trust_score
           OR known_engagement_score IS DISTINCT FROM scored.engagement_score)
    RETURNING 1
),
inserted AS (
    INSERT INTO user_stats (user_id, trust_score, engagement_score)
    SELECT id, trust_score, engagement_score FROM scored WHERE NOT has_stats
    ON CONFLICT (user_id) DO UPDATE
    SET trust_score = excluded.trust_score, engagement_score = excluded.engagement_score
    RETURNING 1
)
SELECT (SELECT count(*) FROM scored), (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)
