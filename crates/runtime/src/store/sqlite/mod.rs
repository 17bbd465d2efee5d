//! A store in a file of SQLite: for one host.

mod fence;
mod file;
mod leases;
mod rows;

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Sqlite, Transaction};

use super::row::Row;
use super::silent::silent;
use super::version::Tables;
use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, StoreError,
    version,
};
use crate::schedule::clock::{Clock, SystemClock};
pub use file::open_sqlite;

/// The version of the tables, in `PRAGMA user_version` of a database of its own.
const VERSION: i64 = 3;
/// How long another process may keep this one from the file: less than the store may take to
/// answer, so that it is the answer.
const BUSY: Duration = Duration::from_secs(3);
/// How many claims or completions are one transaction, which other processes wait for.
const AT_ONCE: usize = 200;
/// The tables, where they are missing.
const SCHEMA: &str = include_str!("schema.sql");
/// What each version lacked that the next one has.
const UPDATES: [&str; 2] = [
    "ALTER TABLE jobwatch_job ADD COLUMN reason TEXT;
    ALTER TABLE jobwatch_job ADD COLUMN idempotency_key TEXT;
    ALTER TABLE jobwatch_run ADD COLUMN reason TEXT;
    ALTER TABLE jobwatch_run ADD COLUMN idempotency_key TEXT;",
    "ALTER TABLE jobwatch_job ADD COLUMN expected_since INTEGER;
    ALTER TABLE jobwatch_job ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;",
];

/// Keeps what replicas know together in a file of SQLite: any number of processes, all of them on
/// one host. Time is the host's clock.
///
/// A process that is frozen while it writes keeps the others from writing until it goes on; where
/// that matters, take PostgreSQL.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
    clock: Arc<dyn Clock>,
    history: usize,
}

impl SqliteStore {
    /// Opens a file, which is created if it is not there. Its folder has to exist. The file is the
    /// store's own: it keeps the version of its tables where SQLite has one place for it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be opened, is no database, or was written by a later
    /// version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::with_clock(path, Arc::new(SystemClock)).await
    }

    /// Opens a file, and takes the time from a clock of yours.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`].
    pub async fn with_clock(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let named = |error: sqlx::Error| StoreError::new("open", format!("{}: {error}", path.display()));
        let options = SqliteConnectOptions::new()
            .filename(path)
            // A token that was granted must not be granted again after a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            // Events of its thread, which a layer of the user's that panics would end.
            .disable_statement_logging();
        // All that is done here is short and needs the one lock for writing.
        let pool = open_sqlite(options, 1).await.map_err(named)?;
        let store = Self { pool, clock, history: HISTORY };
        store.migrate().await.map_err(|error| StoreError {
            reason: format!("{}: {}", path.display(), error.reason),
            ..error
        })?;
        Ok(store)
    }

    /// Remembers so many runs of each job, at least one. Defaults to [`HISTORY`]. Where there are
    /// more, the oldest are forgotten little by little, as further runs end.
    #[must_use]
    pub fn remembering(self, runs: usize) -> Self {
        Self { history: runs.max(1), ..self }
    }

    /// Creates the tables that are not there, and brings those of an earlier version up to date. Of
    /// processes that start together, one does it and the others wait.
    async fn migrate(&self) -> Result<(), StoreError> {
        silent(self.look_after_tables()).await?.tell(VERSION)
    }

    async fn look_after_tables(&self) -> Result<Tables<i64>, StoreError> {
        let failed = StoreError::to("create its tables");
        let mut transaction = self.begin().await.map_err(&failed)?;
        let version: i64 =
            sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await.map_err(&failed)?;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'jobwatch_%'",
        )
        .fetch_all(&mut *transaction)
        .await
        .map_err(&failed)?;
        let is_there = |table: &str| tables.iter().any(|name| name == table);
        if version > VERSION {
            // A later version whose changes are in nobody's way keeps there which programs may go
            // on.
            let mut oldest = None;
            if is_there("jobwatch_schema") {
                let statement = "SELECT max(oldest) FROM jobwatch_schema";
                oldest = sqlx::query_scalar(statement).fetch_one(&mut *transaction).await.map_err(&failed)?;
            }
            return Ok(Tables::Later { version, oldest });
        }
        let missing: Vec<&str> =
            ["jobwatch_job", "jobwatch_run"].into_iter().filter(|table| !is_there(table)).collect();
        if version == VERSION && missing.is_empty() {
            return Ok(Tables::Current);
        }
        let updates = match usize::try_from(version) {
            Ok(known @ 1..) if missing.is_empty() => UPDATES.get(known - 1..).unwrap_or_default().concat(),
            _ => String::new(),
        };
        let statements = format!("{updates} {SCHEMA} PRAGMA user_version = {VERSION};");
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *transaction).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        let were_there = version > 0 && !missing.is_empty();
        Ok(if were_there { Tables::Missed(missing.join(", ")) } else { Tables::Current })
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Asks for something, as [`version::ask`] does.
    async fn ask<T, F: Future<Output = Result<T, sqlx::Error>>>(
        &self,
        action: &'static str,
        question: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        version::ask(action, question, lacks_something, || self.migrate()).await
    }

    async fn claim_many(
        &self,
        claims: &[Claim<'_>],
    ) -> Result<Vec<Result<Claimed, StoreError>>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let now = self.clock.now();
        let mut answers = Vec::with_capacity(claims.len());
        for claim in claims {
            answers.push(Ok(leases::claim(&mut transaction, *claim, self.history, now).await?));
        }
        transaction.commit().await?;
        Ok(answers)
    }

    async fn complete_many(
        &self,
        completions: &[Completion<'_>],
    ) -> Result<Vec<Result<Option<JobState>, StoreError>>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let now = self.clock.now();
        let mut answers = Vec::with_capacity(completions.len());
        for completion in completions {
            answers.push(Ok(leases::complete(&mut transaction, *completion, self.history, now).await?));
        }
        transaction.commit().await?;
        Ok(answers)
    }

    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let claimed = leases::claim(&mut transaction, claim, self.history, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn complete(&self, completion: Completion<'_>) -> Result<Option<JobState>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let completed =
            leases::complete(&mut transaction, completion, self.history, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(completed)
    }

    /// Reads what is kept about a job, does something with it, and writes it back.
    async fn change<T>(
        &self,
        job: &JobName,
        act: impl Fn(&mut Row, DateTime<Utc>) -> T + Send,
    ) -> Result<T, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let now = self.clock.now();
        let mut row = rows::read(&mut transaction, job, now).await?;
        let answer = act(&mut row, now);
        rows::write(&mut transaction, job, &row).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    async fn enable_many(&self, jobs: &[(&JobName, bool)]) -> Result<Vec<JobState>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let now = rows::rounded_moment(self.clock.now());
        let mut states = Vec::with_capacity(jobs.len());
        for (job, enabled) in jobs {
            let mut row = rows::read(&mut transaction, job, now).await?;
            states.push(row.enable(*enabled, now));
            rows::write(&mut transaction, job, &row).await?;
        }
        transaction.commit().await?;
        Ok(states)
    }

    async fn states(&self, jobs: &[&JobName]) -> Result<Vec<JobState>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let now = self.clock.now();
        let rows = rows::read_all(&mut connection).await?;
        let state = |job: &&JobName| match rows.get(*job) {
            Some(row) => row.state(now),
            None => {
                let now = rows::rounded_moment(now);
                Row::new(now).state(now)
            }
        };
        Ok(jobs.iter().map(state).collect())
    }
}

/// Whether a table or a column is not there.
fn lacks_something(error: &sqlx::Error) -> bool {
    let message = error.as_database_error().map(|error| error.message());
    message.is_some_and(|message| {
        ["no such table", "no such column"].iter().any(|what| message.starts_with(what))
    })
}

impl Store for SqliteStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(std::future::ready(Ok(self.clock.now())))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(self.ask("tell the state", move || async {
            let mut connection = self.pool.acquire().await?;
            let now = self.clock.now();
            Ok(rows::read(&mut connection, job, now).await?.state(now))
        }))
    }

    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        Box::pin(self.ask("tell the state", move || self.states(jobs)))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        let enable = move |row: &mut Row, now| row.enable(enabled, rows::rounded_moment(now));
        Box::pin(self.ask("tell the state", move || self.change(job, enable)))
    }

    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        Box::pin(self.ask("tell the state", move || self.enable_many(jobs)))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(self.ask("grant a lease", move || self.claim(claim)))
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        Box::pin(self.ask("grant a lease", move || self.claim_many(claims)))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        let renew = move |row: &mut Row, now| row.renew(lease, now + length);
        Box::pin(self.ask("renew a lease", move || self.change(&lease.job, renew)))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(self.ask("record a run", move || self.complete(completion)))
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        Box::pin(self.ask("record a run", move || self.complete_many(completions)))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        Box::pin(self.ask("pause a job", move || self.change(job, move |row, now| row.pause(paused, now))))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(self.ask("cancel a run", move || self.change(job, |row, now| row.cancel(now))))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        Box::pin(self.ask("tell the history", move || async {
            let mut connection = self.pool.acquire().await?;
            let mut history = rows::history(&mut connection, job, u64::MAX, self.clock.now()).await?;
            history.truncate(self.history);
            Ok(history)
        }))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        Box::pin(self.ask("tell the history", move || async {
            let mut connection = self.pool.acquire().await?;
            let runs = rows::last_runs(&mut connection, self.clock.now()).await?;
            let mut last: HashMap<_, _> = runs.into_iter().map(|run| (run.id.job.clone(), run)).collect();
            Ok(jobs.iter().map(|job| last.remove(*job)).collect())
        }))
    }
}

#[cfg(test)]
mod tests;
