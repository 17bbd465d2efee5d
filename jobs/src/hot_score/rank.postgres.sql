-- Seconds are `tstzrange_subdiff`, a subtraction: `date_part`, which looks up the word `epoch` for
-- each row, would take a third longer.
CASE
    WHEN vote_score > 0 THEN log(vote_score::double precision)
    WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
    ELSE 0
END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
