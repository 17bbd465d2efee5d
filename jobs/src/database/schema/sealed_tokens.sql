-- Tokens are sealed since.
DELETE FROM cache WHERE key LIKE 'twitch-token:%';
