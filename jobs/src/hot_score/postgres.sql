-- $1 and $2: the clips after one and up to another.
UPDATE clips
SET hot_rank = sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
    + (date_part('epoch', created_at) - 1577836800) / 45000
WHERE id > $1 AND id <= $2 AND NOT is_removed AND NOT is_hidden
  AND hot_rank IS DISTINCT FROM sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
    + (date_part('epoch', created_at) - 1577836800) / 45000
