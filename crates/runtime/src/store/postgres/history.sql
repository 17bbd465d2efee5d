-- $1 the jobs, $2 how many runs of each.
--
-- A run whose lease has run out is over, although nobody has taken over yet and written that down.
SELECT
    run.job, run.token, run.slot, run.holder, run.since, run.reason, run.idempotency_key,
    coalesce(run.ended, job.until, run.since) AS ended,
    coalesce(run.outcome, 'interrupted') AS outcome,
    CASE WHEN run.ended IS NULL THEN 'lease_lost' ELSE run.cause END AS cause,
    run.message, run.milliseconds, run.items_succeeded, run.items_failed, run.items_skipped
FROM jobwatch_job AS job
CROSS JOIN LATERAL (
    SELECT * FROM jobwatch_run AS run
    WHERE run.job = job.name
      AND (run.ended IS NOT NULL OR run.token <> job.token OR job.until <= clock_timestamp())
    ORDER BY run.token DESC
    LIMIT $2
) AS run
WHERE job.name = ANY ($1)
ORDER BY run.token DESC
