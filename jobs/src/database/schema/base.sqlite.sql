-- The tables of the site that the jobs read and write. Moments are milliseconds since 1970.
CREATE TABLE clips (
    id               INTEGER PRIMARY KEY,
    twitch_clip_id   TEXT NOT NULL UNIQUE,
    url              TEXT NOT NULL,
    title            TEXT NOT NULL,
    broadcaster_id   TEXT NOT NULL,
    broadcaster_name TEXT NOT NULL,
    creator_id       TEXT,
    creator_name     TEXT,
    game_id          TEXT,
    game_name        TEXT,
    language         TEXT,
    thumbnail_url    TEXT,
    duration_seconds REAL,
    view_count       INTEGER NOT NULL DEFAULT 0,
    vote_score       INTEGER NOT NULL DEFAULT 0,
    comment_count    INTEGER NOT NULL DEFAULT 0,
    favorite_count   INTEGER NOT NULL DEFAULT 0,
    -- When Twitch says that it was made.
    created_at       INTEGER NOT NULL,
    imported_at      INTEGER NOT NULL,
    is_removed       INTEGER NOT NULL DEFAULT 0,
    is_hidden        INTEGER NOT NULL DEFAULT 0,
    -- Ranks as the hot score does at any moment: see the job.
    hot_rank         REAL,
    trending_score   REAL,
    engagement_count INTEGER,
    -- 32-bit floating point numbers, the lowest byte first.
    embedding              BLOB,
    embedding_model        TEXT,
    embedding_generated_at INTEGER,
    -- Whether the search has it.
    embedding_is_indexed   INTEGER NOT NULL DEFAULT 0,
    -- When it was last tried in vain.
    embedding_failed_at    INTEGER
) STRICT;
CREATE INDEX clips_by_hot_rank ON clips (hot_rank DESC) WHERE NOT is_removed AND NOT is_hidden;
CREATE INDEX clips_by_trending_score ON clips (trending_score DESC) WHERE NOT is_removed AND NOT is_hidden;
CREATE INDEX clips_to_index ON clips (id) WHERE embedding_model IS NOT NULL AND NOT embedding_is_indexed;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    karma      INTEGER NOT NULL DEFAULT 0 CHECK (karma >= 0),
    created_at INTEGER NOT NULL,
    is_banned  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE user_stats (
    user_id           INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    comments          INTEGER NOT NULL DEFAULT 0,
    votes_cast        INTEGER NOT NULL DEFAULT 0,
    clips_submitted   INTEGER NOT NULL DEFAULT 0,
    correct_reports   INTEGER NOT NULL DEFAULT 0,
    incorrect_reports INTEGER NOT NULL DEFAULT 0,
    days_active       INTEGER NOT NULL DEFAULT 0,
    trust_score       REAL,
    engagement_score  INTEGER
) STRICT;

CREATE TABLE user_badges (
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    badge      TEXT NOT NULL,
    awarded_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, badge)
) STRICT, WITHOUT ROWID;

CREATE TABLE trust_score_history (
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    trust_score REAL NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX trust_score_history_by_user ON trust_score_history (user_id, changed_at);

CREATE TABLE webhook_subscriptions (
    id              INTEGER PRIMARY KEY,
    url             TEXT NOT NULL,
    secret          TEXT NOT NULL,
    event_types     TEXT NOT NULL,
    is_active       INTEGER NOT NULL DEFAULT 1,
    disabled_reason TEXT
) STRICT;

-- Deliveries that are still to be made. Those that were made are deleted; those that cannot be
-- become dead letters.
CREATE TABLE webhook_deliveries (
    id               INTEGER PRIMARY KEY,
    -- Sent as `webhook-id`, the same with each attempt.
    message_id       TEXT NOT NULL UNIQUE,
    subscription_id  INTEGER NOT NULL REFERENCES webhook_subscriptions (id) ON DELETE CASCADE,
    event_type       TEXT NOT NULL,
    payload          TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    next_attempt_at  INTEGER NOT NULL,
    last_status_code INTEGER,
    last_error       TEXT,
    created_at       INTEGER NOT NULL,
    -- Who is at it, and until when nobody else may be.
    claim            TEXT,
    claimed_until    INTEGER
) STRICT;
CREATE INDEX webhook_deliveries_by_next_attempt ON webhook_deliveries (next_attempt_at);

-- Everything that is needed to deliver it after all.
CREATE TABLE webhook_dead_letters (
    id               INTEGER PRIMARY KEY,
    message_id       TEXT NOT NULL UNIQUE,
    subscription_id  INTEGER NOT NULL REFERENCES webhook_subscriptions (id) ON DELETE CASCADE,
    event_type       TEXT NOT NULL,
    payload          TEXT NOT NULL,
    attempts         INTEGER NOT NULL,
    last_status_code INTEGER,
    last_error       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    died_at          INTEGER NOT NULL
) STRICT;

-- What replicas share for a while, where no Redis is.
CREATE TABLE cache (
    key        TEXT PRIMARY KEY,
    value      BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cache_by_expiry ON cache (expires_at);
