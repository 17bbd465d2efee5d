-- $1 job, $2 slot or null, $3 holder, $4 length of the lease.
--
-- One statement, so that no lock outlives it: whoever is frozen in the middle of a claim holds up nobody. The time is read
-- once and before any wait for a lock, so that a lease is at most shorter than it says.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now
),
taken AS (
    UPDATE jobwatch_job AS job
    SET token = job.token + 1, holder = $3, slot = $2, since = clock.now, until = clock.now + $4, cancel = false
    FROM clock
    WHERE job.name = $1
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
    INSERT INTO jobwatch_run (job, token, slot, holder, since)
    SELECT $1, taken.token, $2, $3, taken.since FROM taken
)
-- The row is as it was before this statement.
SELECT
    clock.now,
    taken.token AS taken_token, taken.since AS taken_since, taken.until AS taken_until,
    job.done, job.paused, job.token, job.holder, job.slot, job.since, job.until
FROM clock
JOIN jobwatch_job AS job ON job.name = $1
LEFT JOIN taken ON true
