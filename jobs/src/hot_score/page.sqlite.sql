-- ?1 and ?2: the clips after one and up to another. Without an index, since that of visible clips
-- would be read beside them.
UPDATE clips NOT INDEXED
SET hot_rank = sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0
WHERE id > ?1 AND id <= ?2 AND NOT is_removed AND NOT is_hidden
  AND hot_rank IS NOT sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0
