-- Completions, of no job twice: $1 jobs, $2 tokens, $3 holders, $4 done or null, $5 to $11 the
-- outcomes. $12 is how many runs of each are remembered, and $13 how many are forgotten at once.
-- Rows are locked, passed over, or waited for, as they are by claims.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now, set_config('lock_timeout', '500ms', true) AS longest_wait
),
asked AS MATERIALIZED (
    SELECT *
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                $9::bigint[], $10::bigint[], $11::bigint[])
        WITH ORDINALITY AS asked (name, token, holder, done, outcome, cause, message, milliseconds, items_succeeded,
                                  items_failed, items_skipped, place)
),
held AS MATERIALIZED (
    SELECT asked.*, clock.now
    FROM asked
    CROSS JOIN clock
    JOIN jobwatch_job AS job ON job.name = asked.name
    WHERE job.token = asked.token AND job.holder = asked.holder
    ORDER BY job.name
    FOR NO KEY UPDATE OF job SKIP LOCKED
),
completed AS (
    UPDATE jobwatch_job AS job
    SET holder = NULL, slot = NULL, since = NULL, until = NULL, cancel = false,
        done = greatest(job.done, held.done),
        last_success = CASE held.outcome WHEN 'succeeded' THEN held.now ELSE job.last_success END,
        consecutive_failures = CASE held.outcome
            WHEN 'succeeded' THEN 0
            WHEN 'failed' THEN job.consecutive_failures + 1
            ELSE job.consecutive_failures
        END
    FROM held
    WHERE job.name = held.name
    RETURNING
        held.place, held.now, job.name, job.first_scheduled, job.expected_since, job.done, job.last_success,
        job.consecutive_failures, job.paused, job.token, job.holder, job.slot, job.since, job.until
),
recorded AS (
    UPDATE jobwatch_run AS run
    SET ended = held.now, outcome = held.outcome, cause = held.cause, message = held.message,
        milliseconds = held.milliseconds, items_succeeded = held.items_succeeded, items_failed = held.items_failed,
        items_skipped = held.items_skipped
    FROM held
    WHERE run.job = held.name AND run.token = held.token
),
forgotten AS (
    DELETE FROM jobwatch_run AS run
    USING held
    WHERE run.job = held.name AND run.token <= held.token - $12
      AND run.token < (SELECT min(oldest.token) FROM jobwatch_run AS oldest WHERE oldest.job = held.name) + $13
)
SELECT *, NULL::boolean AS was_held FROM completed
UNION ALL
-- Whether the others held their leases before this statement.
SELECT
    asked.place, clock.now, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    EXISTS (
        SELECT
        FROM jobwatch_job AS job
        WHERE job.name = asked.name AND job.token = asked.token AND job.holder = asked.holder
    )
FROM asked
CROSS JOIN clock
WHERE asked.place NOT IN (SELECT place FROM completed)
