-- $1 job, $2 slot or null, $3 holder, $4 length of the lease, $5 reason or null, $6 idempotency key or null,
-- $7 how many runs are remembered.
--
-- One statement, so that no lock outlives it: whoever is frozen in the middle of a claim holds up nobody. The time is read
-- once and before any wait for a lock, so that a lease is at most shorter than it says.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now
),
-- The run that is asked for once more, unless it was interrupted and is left to others.
repeated AS MATERIALIZED (
    SELECT max(run.token) AS token
    FROM jobwatch_run AS run
    WHERE $6::text IS NOT NULL AND run.job = $1 AND run.idempotency_key = $6
      AND (run.outcome IN ('succeeded', 'failed') OR run.cause = 'cancelled')
),
taken AS (
    UPDATE jobwatch_job AS job
    SET token = job.token + 1, holder = $3, slot = $2, since = clock.now, until = clock.now + $4, cancel = false
    FROM clock, repeated
    WHERE job.name = $1
      AND repeated.token IS NULL
      AND (job.until IS NULL OR job.until <= clock.now)
      AND ($2::timestamptz IS NULL
           OR ($2 <= clock.now + interval '1 second' AND NOT job.paused AND (job.done IS NULL OR job.done < $2)))
    RETURNING job.token, job.since, job.until
),
skipped AS (
    UPDATE jobwatch_job AS job
    SET done = greatest(job.done, $2)
    FROM clock
    WHERE job.name = $1
      AND (job.until IS NULL OR job.until <= clock.now)
      AND $2 <= clock.now + interval '1 second'
      AND job.paused
),
lost AS (
    UPDATE jobwatch_run AS run
    SET ended = clock.now, outcome = 'interrupted', cause = 'lease_lost'
    FROM clock, taken
    WHERE run.job = $1 AND run.token < taken.token AND run.ended IS NULL
),
started AS (
    INSERT INTO jobwatch_run (job, token, slot, holder, since, reason, idempotency_key)
    SELECT $1, taken.token, $2, $3, taken.since, $5, $6 FROM taken
),
-- A job whose every run dies is never completed, which is where runs are forgotten otherwise.
forgotten AS (
    DELETE FROM jobwatch_run AS run
    USING taken
    WHERE run.job = $1 AND run.token < taken.token - $7
)
-- The row is as it was before this statement.
SELECT
    clock.now,
    taken.token AS taken_token, taken.since AS taken_since, taken.until AS taken_until,
    repeated.token AS repeated, current.idempotency_key = $6 AS is_same,
    job.done, job.paused, job.token, job.holder, job.slot, job.since, job.until
FROM clock
CROSS JOIN repeated
JOIN jobwatch_job AS job ON job.name = $1
LEFT JOIN jobwatch_run AS current ON current.job = job.name AND current.token = job.token
LEFT JOIN taken ON true
