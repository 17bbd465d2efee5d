//! A store in PostgreSQL: for any number of replicas.

mod rows;

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::postgres::types::PgInterval;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::outcome_columns::{NAMES, OutcomeColumns};
use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, StoreError,
    TOLERANCE,
};
use crate::run_id::RunId;

/// The version of the tables, in `jobwatch_schema`.
const VERSION: i32 = 3;
const SCHEMA: &str = include_str!("schema.sql");
/// What each version lacked that the next one has. Programs that know an earlier version alone go
/// on with it until they are restarted.
const UPDATES: [&str; 2] = [
    "ALTER TABLE jobwatch_run ADD COLUMN reason text, ADD COLUMN idempotency_key text;",
    "ALTER TABLE jobwatch_job ADD COLUMN expected_since timestamptz, \
     ADD COLUMN disabled boolean NOT NULL DEFAULT false;",
];
const CLAIM: &str = include_str!("claim.sql");
const COMPLETE: &str = include_str!("complete.sql");

/// Taken while tables are created. Any number that nobody else takes.
const MIGRATION_LOCK: i64 = 0x6a6f_6277_6174_6368;

/// Keeps what replicas know together in tables of PostgreSQL, 12 or later, whose names begin with
/// `jobwatch_`. Time is the server's.
///
/// Every step is one statement: nothing is held between them, so that a process that is frozen or
/// cut off holds up nobody, and connections may go through a pooler.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Uses a pool of connections, which may be the service's own, and creates the tables if they
    /// are not there. Of replicas that start together, one does it and the others wait.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the server cannot be reached, the tables cannot be created, or a later
    /// version has created them.
    pub async fn new(pool: PgPool) -> Result<Self, StoreError> {
        let store = Self { pool };
        store.migrate().await?;
        Ok(store)
    }

    /// Uses a pool whose server need not be reachable yet. [`PostgresStore::migrate`] has to be
    /// called before jobs can run.
    pub fn without_migration(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Creates the tables if they are not there.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::new`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let failed = StoreError::to("create its tables");
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        // It ends with the transaction, whatever becomes of this process or of the connection.
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        sqlx::query("CREATE TABLE IF NOT EXISTS jobwatch_schema (version integer NOT NULL)")
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        let version: Option<i32> = sqlx::query_scalar("SELECT max(version) FROM jobwatch_schema")
            .fetch_one(&mut *transaction)
            .await
            .map_err(&failed)?;
        match version {
            Some(VERSION) => {}
            Some(known @ 1..VERSION) => {
                let updates = UPDATES.get(known.unsigned_abs() as usize - 1..).unwrap_or_default();
                sqlx::raw_sql(AssertSqlSafe(updates.concat()))
                    .execute(&mut *transaction)
                    .await
                    .map_err(&failed)?;
                sqlx::query("UPDATE jobwatch_schema SET version = $1")
                    .bind(VERSION)
                    .execute(&mut *transaction)
                    .await
                    .map_err(&failed)?;
            }
            Some(other) => return Err(StoreError::later(other, VERSION)),
            None => {
                sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await.map_err(&failed)?;
                sqlx::query("INSERT INTO jobwatch_schema VALUES ($1)")
                    .bind(VERSION)
                    .execute(&mut *transaction)
                    .await
                    .map_err(&failed)?;
            }
        }
        transaction.commit().await.map_err(&failed)
    }

    /// Has a job come into being on first sight.
    async fn ensure(&self, job: &JobName) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO jobwatch_job (name, first_scheduled) VALUES ($1, clock_timestamp()) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(job.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn enable(&self, job: &JobName, enabled: bool) -> Result<JobState, sqlx::Error> {
        self.ensure(job).await?;
        let row = sqlx::query(
            "UPDATE jobwatch_job SET disabled = NOT $2, expected_since = \
             CASE WHEN disabled AND $2 THEN clock_timestamp() ELSE expected_since END \
             WHERE name = $1 RETURNING clock_timestamp() AS now, *",
        )
        .bind(job.as_str())
        .bind(enabled)
        .fetch_one(&self.pool)
        .await?;
        rows::state(&row, job)
    }

    async fn state(&self, job: &JobName) -> Result<JobState, sqlx::Error> {
        for attempt in 0.. {
            let found = sqlx::query("SELECT clock_timestamp() AS now, * FROM jobwatch_job WHERE name = $1")
                .bind(job.as_str())
                .fetch_optional(&self.pool)
                .await?;
            match found {
                Some(row) => return rows::state(&row, job),
                None if attempt > 0 => break,
                None => self.ensure(job).await?,
            }
        }
        Err(sqlx::Error::RowNotFound)
    }

    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, sqlx::Error> {
        // Twice at most: the job may have to come into being first, or somebody may have let go of
        // it while this waited.
        for _ in 0..2 {
            let found = sqlx::query(CLAIM)
                .bind(claim.job.as_str())
                .bind(claim.slot)
                .bind(claim.holder.as_ref())
                .bind(interval(claim.length))
                .bind(&claim.request.reason)
                .bind(&claim.request.idempotency_key)
                .bind(HISTORY as i64)
                .fetch_optional(&self.pool)
                .await?;
            match found {
                None => self.ensure(claim.job).await?,
                Some(row) => {
                    if let Some(claimed) = claimed(&row, claim)? {
                        return Ok(claimed);
                    }
                }
            }
        }
        // Others claim it again and again in the same moments: one of them has it.
        Ok(Claimed::Early(Duration::ZERO))
    }

    async fn renew(&self, lease: &Lease, length: Duration) -> Result<Renewed, sqlx::Error> {
        let cancel: Option<bool> = sqlx::query_scalar(
            "UPDATE jobwatch_job SET until = clock_timestamp() + $4 \
             WHERE name = $1 AND token = $2 AND holder = $3 RETURNING cancel",
        )
        .bind(lease.job.as_str())
        .bind(rows::signed(lease.token))
        .bind(lease.holder.as_ref())
        .bind(interval(length))
        .fetch_optional(&self.pool)
        .await?;
        Ok(match cancel {
            None => Renewed::Lost,
            Some(false) => Renewed::Extended,
            Some(true) => Renewed::CancelRequested,
        })
    }

    async fn complete(&self, completion: Completion<'_>) -> Result<Option<JobState>, sqlx::Error> {
        let Completion { lease, outcome, done } = completion;
        let columns = OutcomeColumns::from(outcome);
        let forgotten = rows::signed(lease.token).saturating_sub(HISTORY as i64);
        let completed = sqlx::query(COMPLETE)
            .bind(lease.job.as_str())
            .bind(rows::signed(lease.token))
            .bind(lease.holder.as_ref())
            .bind(done)
            .bind(&columns.outcome)
            .bind(&columns.cause)
            .bind(&columns.message)
            .bind(columns.milliseconds)
            .bind(columns.items_succeeded)
            .bind(columns.items_failed)
            .bind(columns.items_skipped)
            .bind(forgotten)
            .fetch_optional(&self.pool)
            .await?;
        if let Some(row) = completed {
            return rows::state(&row, &lease.job).map(Some);
        }
        // The answer to the first time may have been lost.
        let statement =
            format!("SELECT {NAMES} FROM jobwatch_run WHERE job = $1 AND token = $2 AND ended IS NOT NULL");
        let recorded: Option<OutcomeColumns> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(lease.job.as_str())
            .bind(rows::signed(lease.token))
            .fetch_optional(&self.pool)
            .await?;
        if recorded.as_ref() == Some(&columns) { self.state(&lease.job).await.map(Some) } else { Ok(None) }
    }

    async fn history(&self, job: &JobName) -> Result<Vec<RunRecord>, sqlx::Error> {
        let statement = format!(
            "SELECT token, slot, holder, since, ended, reason, idempotency_key, {NAMES} FROM jobwatch_run \
             WHERE job = $1 AND ended IS NOT NULL ORDER BY token DESC LIMIT {HISTORY}"
        );
        let found = sqlx::query(AssertSqlSafe(statement)).bind(job.as_str()).fetch_all(&self.pool).await?;
        found.iter().map(|row| rows::record(row, job)).collect()
    }
}

/// Reads what became of a claim. Nothing if the row, as it was before, does not say why it was
/// refused.
fn claimed(row: &PgRow, claim: Claim<'_>) -> Result<Option<Claimed>, sqlx::Error> {
    let now: DateTime<Utc> = row.try_get("now")?;
    if let Some(token) = row.try_get::<Option<i64>, _>("taken_token")? {
        return Ok(Some(Claimed::Granted(Lease {
            job: claim.job.clone(),
            slot: claim.slot,
            holder: claim.holder.clone(),
            token: rows::token(token),
            since: row.try_get("taken_since")?,
            until: row.try_get("taken_until")?,
        })));
    }
    let repeated = |token| Ok(Some(Claimed::Repeated(RunId { job: claim.job.clone(), token })));
    if let Some(token) = row.try_get("repeated")? {
        return repeated(rows::token(token));
    }
    if let Some(lease) = rows::lease(row, claim.job)?.filter(|lease| lease.until > now) {
        if row.try_get::<Option<bool>, _>("is_same")? == Some(true) && lease.holder != *claim.holder {
            return repeated(lease.token);
        }
        let remaining = (lease.until - now).to_std().unwrap_or_default();
        return Ok(Some(Claimed::Held { lease, remaining }));
    }
    let Some(slot) = claim.slot else { return Ok(None) };
    if slot > now + TOLERANCE {
        return Ok(Some(Claimed::Early((slot - now).to_std().unwrap_or_default())));
    }
    if row.try_get("paused")? {
        return Ok(Some(Claimed::Paused));
    }
    let done: Option<DateTime<Utc>> = row.try_get("done")?;
    Ok((Some(slot) <= done).then_some(Claimed::Done))
}

fn interval(length: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(length.as_micros()).unwrap_or(i64::MAX) }
}

impl Store for PostgresStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(async {
            let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.pool).await;
            now.map_err(StoreError::to("tell the time"))
        })
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(async { self.state(job).await.map_err(StoreError::to("tell the state")) })
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        Box::pin(async move { self.enable(job, enabled).await.map_err(StoreError::to("tell the state")) })
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(async move { self.claim(claim).await.map_err(StoreError::to("grant a lease")) })
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        Box::pin(async move { self.renew(lease, length).await.map_err(StoreError::to("renew a lease")) })
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(async move { self.complete(completion).await.map_err(StoreError::to("record a run")) })
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        Box::pin(async move {
            let failed = StoreError::to("pause a job");
            self.ensure(job).await.map_err(&failed)?;
            sqlx::query(
                "UPDATE jobwatch_job SET paused = $2, expected_since = \
                 CASE WHEN paused AND NOT $2 THEN clock_timestamp() ELSE expected_since END \
                 WHERE name = $1",
            )
            .bind(job.as_str())
            .bind(paused)
            .execute(&self.pool)
            .await
            .map_err(&failed)?;
            Ok(())
        })
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(async {
            let statement =
                "UPDATE jobwatch_job SET cancel = true WHERE name = $1 AND until > clock_timestamp()";
            let asked = sqlx::query(statement).bind(job.as_str()).execute(&self.pool).await;
            Ok(asked.map_err(StoreError::to("cancel a run"))?.rows_affected() > 0)
        })
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        Box::pin(async { self.history(job).await.map_err(StoreError::to("tell the history")) })
    }
}
