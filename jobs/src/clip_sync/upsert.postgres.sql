INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_id, creator_name,
                   game_id, game_name, language, thumbnail_url, duration_seconds, view_count, created_at, imported_at)
-- A statement may not write a row twice: of a clip that comes twice, one is taken.
SELECT DISTINCT ON (clip.twitch_clip_id)
       clip.twitch_clip_id, clip.url, clip.title, clip.broadcaster_id, clip.broadcaster_name, clip.creator_id,
       clip.creator_name, $2, $3, clip.language, clip.thumbnail_url, clip.duration_seconds, clip.view_count,
       to_timestamp(clip.created_at / 1000.0), $4
FROM jsonb_to_recordset($1::jsonb) AS clip (
    twitch_clip_id text, url text, title text, broadcaster_id text, broadcaster_name text, creator_id text,
    creator_name text, language text, thumbnail_url text, duration_seconds double precision, view_count bigint,
    created_at bigint)
ORDER BY clip.twitch_clip_id
ON CONFLICT (twitch_clip_id) DO UPDATE SET view_count = excluded.view_count
