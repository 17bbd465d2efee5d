-- ?1: how many; ?2: now, in milliseconds.
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
INSERT INTO users (name, karma, created_at, is_banned)
SELECT 'user_' || n, (n * 7919 % 120) * (n * 104729 % 120), ?2 - 86400000 * (n * 15487 % 1500), n % 50 = 0
FROM numbers
