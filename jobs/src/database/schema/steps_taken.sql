SELECT CAST(coalesce(max(number), 0) AS bigint) FROM clipper_step
