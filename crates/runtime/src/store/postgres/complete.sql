-- $1 job, $2 token, $3 holder, $4 done or null, $5 to $11 the outcome, $12 up to which token runs are forgotten.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now
),
completed AS (
    UPDATE jobwatch_job AS job
    SET holder = NULL, slot = NULL, since = NULL, until = NULL, cancel = false,
        done = greatest(job.done, $4),
        last_success = CASE $5 WHEN 'succeeded' THEN clock.now ELSE job.last_success END,
        consecutive_failures = CASE $5
            WHEN 'succeeded' THEN 0
            WHEN 'failed' THEN job.consecutive_failures + 1
            ELSE job.consecutive_failures
        END
    FROM clock
    WHERE job.name = $1 AND job.token = $2 AND job.holder = $3
    RETURNING
        job.name, job.first_scheduled, job.expected_since, job.done, job.last_success, job.consecutive_failures,
        job.paused, job.token, job.holder, job.slot, job.since, job.until
),
recorded AS (
    UPDATE jobwatch_run AS run
    SET ended = clock.now, outcome = $5, cause = $6, message = $7, milliseconds = $8,
        items_succeeded = $9, items_failed = $10, items_skipped = $11
    FROM clock, completed
    WHERE run.job = $1 AND run.token = $2
),
forgotten AS (
    DELETE FROM jobwatch_run AS run
    USING completed
    WHERE run.job = $1 AND run.token <= $12
)
SELECT clock.now, completed.* FROM clock, completed
