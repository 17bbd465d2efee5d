INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_id, creator_name,
                   game_id, game_name, language, thumbnail_url, duration_seconds, view_count, created_at, imported_at)
SELECT clip.value ->> 'twitch_clip_id', clip.value ->> 'url', clip.value ->> 'title', clip.value ->> 'broadcaster_id',
       clip.value ->> 'broadcaster_name', clip.value ->> 'creator_id', clip.value ->> 'creator_name', ?2, ?3,
       clip.value ->> 'language', clip.value ->> 'thumbnail_url', clip.value ->> 'duration_seconds',
       clip.value ->> 'view_count', clip.value ->> 'created_at', ?4
FROM json_each(?1) AS clip
WHERE true
ON CONFLICT (twitch_clip_id) DO UPDATE SET view_count = excluded.view_count
