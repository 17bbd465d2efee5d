sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0
