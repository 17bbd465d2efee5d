//! A store in a file of SQLite: for one host.

mod rows;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, Sqlite, Transaction};

use super::outcome_columns::OutcomeColumns;
use super::row::repeated;
use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, StoreError,
};
use crate::clock::{Clock, SystemClock};

/// The version of the tables, in `PRAGMA user_version` of a database of its own.
const VERSION: i64 = 3;
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
        let named = |error: sqlx::Error| StoreError {
            action: "open",
            reason: format!("{}: {error}", path.display()),
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A token that was granted must not be granted again after a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        // All that is done here is short and needs the one lock for writing.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            // SQLite itself ends a transaction when the disk is full. The driver does not notice,
            // and could begin no other on that connection.
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(options)
            .await
            .map_err(named)?;
        let store = Self { pool, clock };
        store.migrate().await.map_err(|error| StoreError {
            reason: format!("{}: {}", path.display(), error.reason),
            ..error
        })?;
        Ok(store)
    }

    /// Creates the tables. Of processes that start together, one does it and the others wait.
    async fn migrate(&self) -> Result<(), StoreError> {
        let failed = StoreError::to("create its tables");
        let mut transaction = self.begin("create its tables").await?;
        let version: i64 =
            sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await.map_err(&failed)?;
        if version > VERSION {
            return Err(StoreError::later(version, VERSION));
        }
        if version < VERSION {
            let statements = match usize::try_from(version) {
                Ok(known @ 1..) => UPDATES.get(known - 1..).unwrap_or_default().concat(),
                _ => SCHEMA.to_owned(),
            };
            let statements = format!("{statements} PRAGMA user_version = {VERSION};");
            sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *transaction).await.map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)
    }

    async fn begin(&self, action: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::to(action))
    }

    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        let failed = StoreError::to("grant a lease");
        let mut transaction = self.begin("grant a lease").await?;
        let now = self.clock.now();
        let mut row = rows::read(&mut transaction, claim.job, now).await.map_err(&failed)?;
        if claim.request.idempotency_key.is_some() {
            let history = rows::history(&mut transaction, claim.job, u64::MAX).await.map_err(&failed)?;
            if let Some(run) = repeated(history, claim) {
                return Ok(Claimed::Repeated(run));
            }
        }
        let (claimed, lost) = row.claim(claim, now);
        if let Some(lost) = lost {
            rows::record(&mut transaction, &lost).await.map_err(&failed)?;
            rows::forget(&mut transaction, claim.job, lost.id.token).await.map_err(&failed)?;
        }
        rows::write(&mut transaction, claim.job, &row).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(rows::rounded(claimed))
    }

    async fn complete(&self, completion: Completion<'_>) -> Result<Option<JobState>, StoreError> {
        let failed = StoreError::to("record a run");
        let mut transaction = self.begin("record a run").await?;
        let now = self.clock.now();
        let job = &completion.lease.job;
        let mut row = rows::read(&mut transaction, job, now).await.map_err(&failed)?;
        match row.complete(completion, now) {
            Some(record) => {
                rows::record(&mut transaction, &record).await.map_err(&failed)?;
                rows::forget(&mut transaction, job, record.id.token).await.map_err(&failed)?;
                rows::write(&mut transaction, job, &row).await.map_err(&failed)?;
            }
            None => {
                let token = completion.lease.token;
                let run = rows::history(&mut transaction, job, token).await.map_err(&failed)?;
                let is_same = |run: &RunRecord| {
                    // The tables keep times less finely than the run told them.
                    run.id.token == token
                        && OutcomeColumns::from(&run.outcome) == OutcomeColumns::from(completion.outcome)
                };
                if !run.first().is_some_and(is_same) {
                    return Ok(None);
                }
            }
        }
        let row = rows::read(&mut transaction, job, now).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(Some(row.state(now)))
    }

    /// Reads what is kept about a job, does something with it, and writes it back.
    async fn change<T>(
        &self,
        job: &JobName,
        action: &'static str,
        act: impl FnOnce(&mut super::row::Row, DateTime<Utc>) -> T + Send,
    ) -> Result<T, StoreError> {
        let failed = StoreError::to(action);
        let mut transaction = self.begin(action).await?;
        let now = self.clock.now();
        let mut row = rows::read(&mut transaction, job, now).await.map_err(&failed)?;
        let answer = act(&mut row, now);
        rows::write(&mut transaction, job, &row).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(answer)
    }
}

impl Store for SqliteStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(std::future::ready(Ok(self.clock.now())))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(self.change(job, "tell the state", |row, now| row.state(now)))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        Box::pin(
            self.change(job, "tell the state", move |row, now| {
                row.enable(enabled, rows::rounded_moment(now))
            }),
        )
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(self.claim(claim))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        Box::pin(self.change(&lease.job, "renew a lease", move |row, now| row.renew(lease, now + length)))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(self.complete(completion))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        Box::pin(self.change(job, "pause a job", move |row, now| row.pause(paused, now)))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(self.change(job, "cancel a run", |row, now| row.cancel(now)))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        Box::pin(async {
            let failed = StoreError::to("tell the history");
            let mut connection = self.pool.acquire().await.map_err(&failed)?;
            let mut history = rows::history(&mut connection, job, u64::MAX).await.map_err(&failed)?;
            history.truncate(HISTORY);
            Ok(history)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use crate::outcome::{Failure, Outcome};
    use crate::request::Request;
    use crate::store::conformance;

    #[tokio::test]
    async fn sqlite_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(VirtualClock::at("2026-03-01T10:00:00.123456789Z".parse().unwrap()));
        let store = SqliteStore::with_clock(folder.path().join("jobs.sqlite"), clock.clone()).await.unwrap();
        let pass = async |by| clock.step(chrono::TimeDelta::from_std(by).unwrap());
        conformance::exercise(&store, pass).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_known_survives_the_process_and_the_history_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let job = JobName::new("job").unwrap();
        for _ in 0..HISTORY + 5 {
            let store = SqliteStore::open(&path).await.unwrap();
            let length = Duration::from_secs(60);
            let request = Request::default();
            let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
            let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
            let outcome = crate::outcome::Outcome::Succeeded(Default::default());
            store
                .complete(Completion { lease: &lease, outcome: &outcome, done: None })
                .await
                .unwrap()
                .unwrap();
        }
        let history = SqliteStore::open(&path).await.unwrap().history(&job).await.unwrap();
        assert_eq!((history.len(), history[0].id.token), (HISTORY, HISTORY as u64 + 5));
    }

    #[tokio::test]
    async fn processes_that_start_together_create_the_tables_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let opened: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
        for opened in opened {
            opened.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_file_of_the_first_version_is_updated_and_keeps_what_it_knows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let store = SqliteStore::open(&path).await.unwrap();
        let job = JobName::new("job").unwrap();
        let state = store.state(&job).await.unwrap();
        let first = "ALTER TABLE jobwatch_job DROP COLUMN reason; \
            ALTER TABLE jobwatch_job DROP COLUMN idempotency_key; \
            ALTER TABLE jobwatch_job DROP COLUMN expected_since; \
            ALTER TABLE jobwatch_job DROP COLUMN disabled; \
            ALTER TABLE jobwatch_run DROP COLUMN reason; \
            ALTER TABLE jobwatch_run DROP COLUMN idempotency_key; PRAGMA user_version = 1";
        sqlx::raw_sql(first).execute(&store.pool).await.unwrap();
        drop(store);
        let store = SqliteStore::open(&path).await.unwrap();
        assert_eq!(store.state(&job).await.unwrap(), state);
        let length = Duration::from_secs(60);
        let request = Request { reason: Some("why".to_owned()), ..Request::default() };
        let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        let outcome = crate::outcome::Outcome::Succeeded(Default::default());
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
        assert_eq!(store.history(&job).await.unwrap()[0].request, request);
    }

    #[tokio::test]
    async fn questions_that_were_given_up_while_another_process_wrote_are_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let store = SqliteStore::open(&path).await.unwrap();
        let other = SqliteStore::open(&path).await.unwrap();
        let (job, length) = (JobName::new("job").unwrap(), Duration::from_secs(60));
        let claim =
            Claim { job: &job, slot: None, holder: &"me".into(), length, request: &Request::default() };
        let writing = other.begin("write").await.unwrap();
        for _ in 0..5 {
            let given_up = tokio::time::timeout(Duration::from_millis(20), store.claim(claim)).await;
            assert!(given_up.is_err(), "{given_up:?}");
        }
        writing.rollback().await.unwrap();
        let mut granted = store.claim(claim).await;
        if let Ok(Claimed::Held { lease, .. }) = granted {
            // One of those that were given up was granted after all; who holds it settles that.
            granted = Ok(Claimed::Granted(lease));
        }
        let Ok(Claimed::Granted(lease)) = granted else { panic!("{granted:?}") };
        let outcome = crate::outcome::Outcome::Succeeded(Default::default());
        assert!(
            store
                .complete(Completion { lease: &lease, outcome: &outcome, done: None })
                .await
                .unwrap()
                .is_some()
        );
    }

    #[tokio::test]
    async fn an_outcome_that_is_kept_less_finely_is_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("jobs.sqlite")).await.unwrap();
        let (job, length) = (JobName::new("job").unwrap(), Duration::from_secs(60));
        for outcome in
            [Failure::Timeout(Duration::from_nanos(1_500_000_001)), Failure::Panic("a NUL: \0".to_owned())]
        {
            let request = Request::default();
            let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
            let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
            let completion = Completion { lease: &lease, outcome: &Outcome::Failed(outcome), done: None };
            for _ in 0..2 {
                assert!(store.complete(completion).await.unwrap().is_some(), "{completion:?}");
            }
        }
    }

    #[track_caller]
    fn refused(opened: Result<SqliteStore, StoreError>, folder: &Path) -> String {
        opened.unwrap_err().to_string().replace(&folder.display().to_string(), "FOLDER")
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let missing = SqliteStore::open(folder.join("missing/jobs.sqlite")).await;
        insta::assert_snapshot!(refused(missing, folder), @"the store cannot open: FOLDER/missing/jobs.sqlite: error returned from database: (code: 14) unable to open database file");
        std::fs::write(
            folder.join("text"),
            "no database, but long enough to have the header of one".repeat(9),
        )
        .unwrap();
        insta::assert_snapshot!(refused(SqliteStore::open(folder.join("text")).await, folder), @"the store cannot open: FOLDER/text: error returned from database: (code: 26) file is not a database");
        let store = SqliteStore::open(folder.join("later")).await.unwrap();
        sqlx::query("PRAGMA user_version = 4").execute(&store.pool).await.unwrap();
        insta::assert_snapshot!(refused(SqliteStore::open(folder.join("later")).await, folder), @"the store cannot use its tables: FOLDER/later: they are of version 4, and this program knows 3; update it");
    }
}
