-- Tells where a page of visible clips ends without reading the clips.
CREATE INDEX clips_visible ON clips (id, is_removed, is_hidden) WHERE NOT is_removed AND NOT is_hidden;
