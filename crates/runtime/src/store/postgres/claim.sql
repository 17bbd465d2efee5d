-- Claims, of no job twice: $1 jobs, $2 slots or null, $3 holders, $4 lengths of the leases, $5
-- reasons or null, $6 idempotency keys or null. $7 and $8 are the jobs and the keys of those that
-- have one, $9 is how many runs of each are remembered, and $10 how many are forgotten at once.
--
-- One statement, so that no lock outlives it: whoever is frozen in the middle of a claim holds up
-- nobody. The time is read once and before any wait for a lock, so that a lease is at most shorter
-- than it says. Rows of jobs are locked in one order, and one that somebody else has locked is
-- passed over: nobody is held up by what another job waits for. Any other lock, as of a row of a
-- run, is waited for as long as is said here, where it takes no round trip and ends with the
-- statement.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now, set_config('lock_timeout', '500ms', true) AS longest_wait
),
asked AS MATERIALIZED (
    SELECT
        asked.*,
        (SELECT token FROM jobwatch_job AS seen WHERE seen.name = asked.name AND idempotency_key IS NOT NULL) AS seen_token,
        (SELECT until FROM jobwatch_job AS seen WHERE seen.name = asked.name AND idempotency_key IS NOT NULL) AS seen_until
    FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::interval[], $5::text[], $6::text[])
        WITH ORDINALITY AS asked (name, slot, holder, length, reason, idempotency_key, place)
),
-- The runs that are asked for once more, unless they were interrupted and are left to others.
repeated AS MATERIALIZED (
    SELECT keyed.name, max(run.token) AS token
    FROM unnest($7::text[], $8::text[]) AS keyed (name, idempotency_key)
    JOIN jobwatch_run AS run ON run.job = keyed.name AND run.idempotency_key = keyed.idempotency_key
    WHERE run.outcome IN ('succeeded', 'failed') OR run.cause = 'cancelled'
    GROUP BY keyed.name
),
-- Rows are looked at as they are once they are locked, and runs as they were before. Whoever has a
-- key, and meets a row that has changed in between, asks again: the run may be among them now.
free AS MATERIALIZED (
    SELECT asked.*, clock.now, job.paused, job.holder IS NOT NULL AS follows_dead
    FROM asked
    CROSS JOIN clock
    JOIN jobwatch_job AS job ON job.name = asked.name
    WHERE asked.name NOT IN (SELECT name FROM repeated)
      AND (job.until IS NULL OR job.until <= clock.now)
      AND (asked.idempotency_key IS NULL
           OR (job.token = asked.seen_token AND job.until IS NOT DISTINCT FROM asked.seen_until))
      AND (asked.slot IS NULL
           OR (asked.slot <= clock.now + interval '1 second' AND (job.paused OR job.done IS NULL OR job.done < asked.slot)))
    ORDER BY job.name
    FOR NO KEY UPDATE OF job SKIP LOCKED
),
taken AS (
    UPDATE jobwatch_job AS job
    SET token = job.token + 1, holder = free.holder, slot = free.slot, since = free.now, until = free.now + free.length,
        cancel = false
    FROM free
    WHERE job.name = free.name AND (free.slot IS NULL OR NOT free.paused)
    RETURNING free.*, job.token, job.until
),
skipped AS (
    UPDATE jobwatch_job AS job
    SET done = greatest(job.done, free.slot)
    FROM free
    WHERE job.name = free.name AND free.slot IS NOT NULL AND free.paused
),
lost AS (
    UPDATE jobwatch_run AS run
    SET ended = taken.now, outcome = 'interrupted', cause = 'lease_lost'
    FROM taken
    WHERE taken.follows_dead AND run.job = taken.name AND run.token < taken.token AND run.ended IS NULL
    RETURNING run.job, run.token
),
started AS (
    INSERT INTO jobwatch_run (job, token, slot, holder, since, reason, idempotency_key)
    SELECT name, token, slot, holder, now, reason, idempotency_key FROM taken
),
-- A job whose every run dies is never completed, which is where runs are forgotten otherwise.
forgotten AS (
    DELETE FROM jobwatch_run AS run
    USING lost
    WHERE run.job = lost.job AND run.token <= lost.token - $9
      AND run.token < (SELECT min(oldest.token) FROM jobwatch_run AS oldest WHERE oldest.job = lost.job) + $10
)
SELECT
    place, now, true AS is_taken, NULL::bigint AS repeated, false AS is_same, false AS is_paused,
    name, NULL::timestamptz AS done, token, holder, slot, now AS since, until
FROM taken
UNION ALL
-- The rows of the others are as they were before this statement.
SELECT
    asked.place, clock.now, false,
    (SELECT repeated.token FROM repeated WHERE repeated.name = asked.name),
    (
        SELECT run.idempotency_key = asked.idempotency_key
        FROM jobwatch_run AS run
        WHERE asked.idempotency_key IS NOT NULL AND run.job = job.name AND run.token = job.token
    ),
    asked.place IN (SELECT place FROM free WHERE paused),
    job.name, job.done, job.token, job.holder, job.slot, job.since, job.until
FROM asked
CROSS JOIN clock
LEFT JOIN jobwatch_job AS job ON job.name = asked.name
WHERE asked.place NOT IN (SELECT place FROM taken)
