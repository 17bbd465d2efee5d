-- Moments are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS jobwatch_job (
    name                 TEXT PRIMARY KEY,
    first_scheduled      INTEGER NOT NULL,
    done                 INTEGER,
    last_success         INTEGER,
    consecutive_failures INTEGER NOT NULL,
    paused               INTEGER NOT NULL,
    -- Grows with every lease.
    token                INTEGER NOT NULL,
    -- The lease, if there is one.
    holder               TEXT,
    slot                 INTEGER,
    since                INTEGER,
    until                INTEGER,
    -- Somebody has asked the holder to stop.
    cancel               INTEGER NOT NULL,
    -- What whoever asked for the run under the lease says about it.
    reason               TEXT,
    idempotency_key      TEXT,
    -- Since when it is expected to run. Nothing means since it was first scheduled.
    expected_since       INTEGER,
    disabled             INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The runs that ended.
CREATE TABLE IF NOT EXISTS jobwatch_run (
    job             TEXT NOT NULL,
    token           INTEGER NOT NULL,
    slot            INTEGER,
    holder          TEXT NOT NULL,
    since           INTEGER NOT NULL,
    ended           INTEGER NOT NULL,
    outcome         TEXT NOT NULL,
    cause           TEXT,
    message         TEXT,
    milliseconds    INTEGER,
    items_succeeded INTEGER,
    items_failed    INTEGER,
    items_skipped   INTEGER,
    reason          TEXT,
    idempotency_key TEXT,
    PRIMARY KEY (job, token)
) STRICT, WITHOUT ROWID;
