-- $1 key, $2 value, $3 for how many milliseconds.
INSERT INTO cache (key, value, expires_at) VALUES ($1, $2, {later})
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
