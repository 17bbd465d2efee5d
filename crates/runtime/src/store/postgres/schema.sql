-- Which version of the program has written the tables. A later one whose changes are in nobody's
-- way adds `oldest`: the oldest version whose programs go on with them.
CREATE TABLE IF NOT EXISTS jobwatch_schema (
    version integer NOT NULL
);

CREATE TABLE IF NOT EXISTS jobwatch_job (
    name                 text PRIMARY KEY,
    first_scheduled      timestamptz NOT NULL,
    done                 timestamptz,
    last_success         timestamptz,
    consecutive_failures integer NOT NULL DEFAULT 0,
    paused               boolean NOT NULL DEFAULT false,
    -- Grows with every lease.
    token                bigint NOT NULL DEFAULT 0,
    -- The lease, if there is one.
    holder               text,
    slot                 timestamptz,
    since                timestamptz,
    until                timestamptz,
    -- Somebody has asked the holder to stop.
    cancel               boolean NOT NULL DEFAULT false,
    -- Since when it is expected to run. Nothing means since it was first scheduled.
    expected_since       timestamptz,
    disabled             boolean NOT NULL DEFAULT false
);

-- The runs: those that have not ended, and the last ones that have.
CREATE TABLE IF NOT EXISTS jobwatch_run (
    job             text NOT NULL REFERENCES jobwatch_job (name) ON DELETE CASCADE,
    token           bigint NOT NULL,
    slot            timestamptz,
    holder          text NOT NULL,
    since           timestamptz NOT NULL,
    ended           timestamptz,
    outcome         text,
    cause           text,
    message         text,
    milliseconds    bigint,
    items_succeeded bigint,
    items_failed    bigint,
    items_skipped   bigint,
    -- What whoever asked for the run says about it.
    reason          text,
    idempotency_key text,
    PRIMARY KEY (job, token)
);
