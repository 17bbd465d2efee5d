INSERT INTO trust_score_history (user_id, trust_score, changed_at)
SELECT id, trust_score, ?3 FROM scored WHERE known_trust_score IS NOT trust_score
