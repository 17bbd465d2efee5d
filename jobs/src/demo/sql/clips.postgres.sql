-- $1: how many; $2: now. Everything but the time follows from the number; the factors are primes.
INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_id, creator_name, game_id,
                   game_name, language, duration_seconds, view_count, vote_score, comment_count, favorite_count,
                   created_at, imported_at, is_hidden)
SELECT 'site-' || n, 'https://clips.twitch.tv/site-' || n, 'Moment ' || n, n * 7919 % 300, 'streamer_' || (n * 7919 % 300),
       n * 15487 % 900, 'viewer_' || (n * 15487 % 900), '743', 'Chess', 'en', 30,
       n * 104729 % 5000, n * 611953 % 400 - 40, n * 32452843 % 60, n * 86028121 % 90,
       $2 - make_interval(mins => (n * 49979687 % 43200)::int), $2, n % 100 = 0
FROM generate_series(1, $1) AS numbers (n)
