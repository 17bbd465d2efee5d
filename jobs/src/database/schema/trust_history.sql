-- Old changes are found and removed.
CREATE INDEX trust_score_history_by_change ON trust_score_history (changed_at);
