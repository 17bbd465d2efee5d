//! A store in PostgreSQL: for any number of replicas.

mod fence;
mod leases;
mod lent;
mod reach;
mod rows;
mod statements;
mod tables;

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use tokio::time::sleep;

use super::silent::silent;
use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, StoreError,
    version,
};
use lent::Lender;
pub use reach::reach_postgres;
use statements::Statements;
pub use statements::Unprepared;

const HISTORY_OF: &str = include_str!("history.sql");
/// What is known about a job.
const STATE: &str = "clock_timestamp() AS now, name, first_scheduled, expected_since, done, last_success, \
                     consecutive_failures, paused, token, holder, slot, since, until";

/// How many claims or completions are one statement: enough that what a statement costs by itself
/// is little beside them, and so few that it is over in a moment.
const AT_ONCE: usize = 500;

/// How long is waited before the row of a job is asked for once more that somebody else has, in
/// milliseconds.
const WAITS: [u64; 8] = [5, 10, 20, 40, 80, 160, 320, 0];

/// Keeps what replicas know together in tables of PostgreSQL, 12 or later, whose names begin with
/// `jobwatch_`. Time is the server's.
///
/// Every step is one statement: nothing is held between them, so that a process that is frozen or
/// cut off holds up nobody, and connections may go through a pooler.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    statements: Statements,
    history: usize,
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
        let store = Self::without_migration(pool);
        store.migrate().await?;
        Ok(store)
    }

    /// Uses a pool whose server need not be reachable yet. [`PostgresStore::migrate`] has to be
    /// called before jobs can run.
    pub fn without_migration(pool: PgPool) -> Self {
        Self {
            statements: Statements { lender: Lender::new(pool), in_transactions: false },
            history: HISTORY,
        }
    }

    /// Remembers so many runs of each job, at least one. Defaults to [`HISTORY`]. Where there are
    /// more, the oldest are forgotten little by little, as further runs begin and end.
    #[must_use]
    pub fn remembering(self, runs: usize) -> Self {
        Self { history: runs.max(1), ..self }
    }

    /// Whether each statement is sent in a transaction of its own, begun and committed, with
    /// nothing left prepared behind. Defaults to no. That takes two round trips more, and works
    /// through a pooler that gives each transaction another connection and does not take prepared
    /// statements along, as PgBouncer before 1.21 with `pool_mode = transaction`.
    #[must_use]
    pub fn in_transactions(mut self, yes: bool) -> Self {
        self.statements.in_transactions = yes;
        self
    }

    /// Creates the tables that are not there, and brings those of an earlier version up to date.
    /// Those of a later one are used if that says that this program may.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::new`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        silent(tables::look_after(&self.statements.lender)).await?.tell(tables::VERSION)
    }

    /// Asks for something, as [`version::ask`] does.
    async fn ask<T, F: Future<Output = Result<T, sqlx::Error>>>(
        &self,
        action: &'static str,
        question: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        version::ask(action, question, lacks_something, || self.migrate()).await
    }

    /// Asks for something to be done to the row of a job, and again while somebody else has it, for
    /// a moment: replicas have it for no longer. It is not waited for at the server, where that
    /// would take a connection from those who ask about other jobs.
    async fn ask_in_turn<T, F: Future<Output = Result<Option<T>, sqlx::Error>>>(
        &self,
        action: &'static str,
        question: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        let question = || {
            let asked = question();
            async {
                match asked.await {
                    Err(error) if is_locked(&error) => Ok(Err(())),
                    answer => answer.map(Ok),
                }
            }
        };
        for wait in WAITS {
            match self.ask(action, &question).await? {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => sleep(Duration::from_millis(wait)).await,
                // That has been waited for.
                Err(()) => break,
            }
        }
        Err(StoreError::busy(action))
    }

    /// Has jobs come into being on first sight: those that several replicas see at the same time in
    /// one order, so that none waits for another that waits for it.
    async fn ensure(&self, jobs: &[&JobName]) -> Result<(), sqlx::Error> {
        let names: Vec<&str> = jobs.iter().map(|job| job.as_str()).collect();
        sqlx::query(
            // Tokens only grow, also if the table of jobs was dropped.
            "INSERT INTO jobwatch_job (name, first_scheduled, token) SELECT seen, clock_timestamp(), \
             coalesce((SELECT max(token) FROM jobwatch_run WHERE job = seen), 0) \
             FROM unnest($1::text[]) AS seen \
             WHERE NOT EXISTS (SELECT FROM jobwatch_job WHERE name = seen) \
             ORDER BY seen ON CONFLICT (name) DO NOTHING",
        )
        .bind(names)
        .execute(&self.statements)
        .await?;
        Ok(())
    }

    async fn enable(&self, job: &JobName, enabled: bool) -> Result<Option<JobState>, sqlx::Error> {
        Ok(self.enable_many(&[(job, enabled)]).await?.and_then(|mut states| states.pop()))
    }

    /// Three statements for however many jobs. Rows that change are locked in one order, and the
    /// others, which are nearly all, are not touched. Nothing if somebody else has one that is to
    /// change.
    async fn enable_many(&self, jobs: &[(&JobName, bool)]) -> Result<Option<Vec<JobState>>, sqlx::Error> {
        let (names, enabled): (Vec<&JobName>, Vec<bool>) = jobs.iter().copied().unzip();
        self.ensure(&names).await?;
        let is_left: bool = sqlx::query_scalar(
            "WITH wrong AS MATERIALIZED ( \
                 SELECT name, enabled \
                 FROM unnest($1::text[], $2::boolean[]) AS asked (about, enabled) \
                 JOIN jobwatch_job ON name = about \
                 WHERE disabled = enabled \
             ), \
             changing AS MATERIALIZED ( \
                 SELECT wrong.* FROM wrong JOIN jobwatch_job AS job USING (name) \
                 WHERE job.disabled = wrong.enabled \
                 ORDER BY name \
                 FOR NO KEY UPDATE OF job SKIP LOCKED \
             ), \
             changed AS ( \
                 UPDATE jobwatch_job AS job SET disabled = NOT enabled, expected_since = \
                 CASE WHEN enabled THEN clock_timestamp() ELSE expected_since END \
                 FROM changing WHERE job.name = changing.name \
             ) \
             SELECT (SELECT count(*) FROM wrong) > (SELECT count(*) FROM changing)",
        )
        .bind(names.iter().map(|name| name.as_str()).collect::<Vec<_>>())
        .bind(enabled)
        .fetch_one(&self.statements)
        .await?;
        if is_left { Ok(None) } else { self.states(&names).await.map(Some) }
    }

    async fn state(&self, job: &JobName) -> Result<JobState, sqlx::Error> {
        self.states(&[job]).await?.pop().ok_or(sqlx::Error::RowNotFound)
    }

    async fn states(&self, jobs: &[&JobName]) -> Result<Vec<JobState>, sqlx::Error> {
        let names: Vec<&str> = jobs.iter().map(|job| job.as_str()).collect();
        let statement = format!(
            "SELECT {STATE} FROM unnest($1::text[]) WITH ORDINALITY AS asked (about, place) \
             LEFT JOIN jobwatch_job ON name = about ORDER BY place"
        );
        let found = sqlx::query(AssertSqlSafe(statement)).bind(names).fetch_all(&self.statements).await?;
        found.iter().zip(jobs).map(|(row, job)| rows::state(row, job)).collect()
    }

    /// Nothing if somebody else has the job's row.
    async fn renew(&self, lease: &Lease, length: Duration) -> Result<Option<Renewed>, sqlx::Error> {
        let found: Option<Option<bool>> = sqlx::query_scalar(
            "WITH held AS MATERIALIZED ( \
                 SELECT name FROM jobwatch_job WHERE name = $1 AND token = $2 AND holder = $3 \
                 FOR NO KEY UPDATE SKIP LOCKED \
             ), \
             renewed AS ( \
                 UPDATE jobwatch_job AS job SET until = clock_timestamp() + $4 \
                 FROM held WHERE job.name = held.name RETURNING cancel \
             ) \
             SELECT (SELECT cancel FROM renewed) FROM jobwatch_job \
             WHERE name = $1 AND token = $2 AND holder = $3",
        )
        .bind(lease.job.as_str())
        .bind(rows::signed(lease.token))
        .bind(lease.holder.as_ref())
        .bind(rows::interval(length))
        .fetch_optional(&self.statements)
        .await?;
        Ok(match found {
            None => Some(Renewed::Lost),
            Some(None) => None,
            Some(Some(false)) => Some(Renewed::Extended),
            Some(Some(true)) => Some(Renewed::CancelRequested),
        })
    }

    /// Nothing if somebody else has the job's row.
    async fn pause(&self, job: &JobName, paused: bool) -> Result<Option<()>, sqlx::Error> {
        self.ensure(&[job]).await?;
        let changed = sqlx::query(
            "WITH found AS MATERIALIZED ( \
                 SELECT name FROM jobwatch_job WHERE name = $1 FOR NO KEY UPDATE SKIP LOCKED \
             ) \
             UPDATE jobwatch_job AS job SET paused = $2, expected_since = \
             CASE WHEN paused AND NOT $2 THEN clock_timestamp() ELSE expected_since END \
             FROM found WHERE job.name = found.name",
        )
        .bind(job.as_str())
        .bind(paused)
        .execute(&self.statements)
        .await?;
        Ok((changed.rows_affected() > 0).then_some(()))
    }

    /// Nothing if somebody else has the job's row.
    async fn cancel(&self, job: &JobName) -> Result<Option<bool>, sqlx::Error> {
        let (runs, asked): (bool, bool) = sqlx::query_as(
            "WITH running AS MATERIALIZED ( \
                 SELECT name, token FROM jobwatch_job WHERE name = $1 AND until > clock_timestamp() \
             ), \
             found AS MATERIALIZED ( \
                 SELECT name FROM jobwatch_job AS job JOIN running USING (name, token) \
                 WHERE job.until > clock_timestamp() \
                 FOR NO KEY UPDATE OF job SKIP LOCKED \
             ), \
             asked AS ( \
                 UPDATE jobwatch_job AS job SET cancel = true \
                 FROM found WHERE job.name = found.name RETURNING job.name \
             ) \
             SELECT EXISTS (SELECT FROM running), EXISTS (SELECT FROM asked)",
        )
        .bind(job.as_str())
        .fetch_one(&self.statements)
        .await?;
        Ok(if runs && !asked { None } else { Some(asked) })
    }

    /// The latest runs of jobs that ended, so many of each.
    async fn runs(&self, jobs: &[&JobName], number: usize) -> Result<Vec<RunRecord>, sqlx::Error> {
        let names: Vec<&str> = jobs.iter().map(|job| job.as_str()).collect();
        let found =
            sqlx::query(HISTORY_OF).bind(names).bind(number as i64).fetch_all(&self.statements).await?;
        found.iter().map(rows::record).collect()
    }
}

/// Whether something was locked for too long.
fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "55P03")
}

/// The answers to so many questions that were asked together: where one of them waited for a lock
/// in vain, nothing was decided about any, and each is asked by itself.
fn undecided<T: Clone>(
    action: &'static str,
    answers: Result<Vec<Result<T, StoreError>>, sqlx::Error>,
    number: usize,
) -> Result<Vec<Result<T, StoreError>>, sqlx::Error> {
    match answers {
        Err(error) if is_locked(&error) => Ok(vec![Err(StoreError::busy(action)); number]),
        answers => answers,
    }
}

/// Whether a table or a column is not there.
fn lacks_something(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["42P01", "42703"].contains(&code.as_ref()))
}

impl Store for PostgresStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(async {
            let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.statements);
            silent(now).await.map_err(StoreError::to("tell the time"))
        })
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(self.ask("tell the state", move || self.state(job)))
    }

    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        Box::pin(self.ask("tell the state", move || self.states(jobs)))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        Box::pin(self.ask_in_turn("tell the state", move || self.enable(job, enabled)))
    }

    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        Box::pin(self.ask_in_turn("tell the state", move || self.enable_many(jobs)))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(self.ask_in_turn("grant a lease", move || self.claim(claim)))
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        let action = "grant a lease";
        let question = move || async move { undecided(action, self.claim_many(claims).await, claims.len()) };
        Box::pin(self.ask(action, question))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        Box::pin(self.ask_in_turn("renew a lease", move || self.renew(lease, length)))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(self.ask_in_turn("record a run", move || self.complete(completion)))
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        let action = "record a run";
        let question = move || async move {
            undecided(action, self.complete_many(completions).await, completions.len())
        };
        Box::pin(self.ask(action, question))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        Box::pin(self.ask_in_turn("pause a job", move || self.pause(job, paused)))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(self.ask_in_turn("cancel a run", move || self.cancel(job)))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        Box::pin(self.ask("tell the history", move || async { self.runs(&[job], self.history).await }))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        Box::pin(self.ask("tell the history", move || async {
            let runs = self.runs(jobs, 1).await?;
            let mut last: HashMap<_, _> = runs.into_iter().map(|run| (run.id.job.clone(), run)).collect();
            Ok(jobs.iter().map(|job| last.remove(*job)).collect())
        }))
    }
}
