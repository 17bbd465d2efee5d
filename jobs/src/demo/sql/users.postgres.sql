-- $1: how many; $2: now.
INSERT INTO users (name, karma, created_at, is_banned)
SELECT 'user_' || n, (n * 7919 % 120) * (n * 104729 % 120), $2 - make_interval(days => (n * 15487 % 1500)::int), n % 50 = 0
FROM generate_series(1, $1) AS numbers (n)
