//! What replicas know together: who runs which due time of which job, what was run before, and what
//! is paused.
//!
//! The contract is *at least once, with fencing*. A due time is a slot; who runs it holds a lease
//! with a token that only grows. When a holder dies, its lease runs out and another takes the same
//! slot over with a higher token; when it comes back, the store refuses what it has to say. A job
//! that must not do something twice passes the token on to where it does it.

mod memory;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod outcome_columns;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod silent;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod version;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use jobwatch_catalogue::JobName;

use crate::job::outcome::Outcome;
use crate::job::request::Request;
use crate::job::run_id::RunId;

pub use crate::job::lease::Lease;
pub use crate::schedule::TOLERANCE;
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresStore, Unprepared, reach_postgres};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, open_sqlite};

/// How many runs of each job a store remembers, unless it is told otherwise.
pub const HISTORY: usize = 100;

/// How many runs of a job are forgotten at most when one begins or ends, so that nobody waits where
/// fewer are to be remembered than before.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const FORGOTTEN_AT_ONCE: i64 = 100;

/// What a store answers, in a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The store could not answer. What kind it is of says whether it has done what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot {action}: {reason}")]
#[non_exhaustive]
pub struct StoreError {
    /// What was asked for.
    pub action: &'static str,
    /// What the store says.
    pub reason: String,
    /// What follows from it.
    pub kind: StoreErrorKind,
}

/// What follows from an error of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There was no answer, or none that says more. Whether it has done what it was asked for is
    /// unknown, and it is asked again.
    Unanswered,
    /// Somebody else decides about one job at this moment, or has locked what the store keeps about
    /// it. Nothing was done, and the store answers about other jobs meanwhile.
    Busy,
    /// A later version of the program has written the tables. Then an update helps, and to ask
    /// again does not.
    LaterVersion,
}

impl StoreError {
    /// The store could not do something, and says why. Whether it has done it is unknown.
    pub fn new(action: &'static str, reason: impl Into<String>) -> Self {
        Self { action, reason: reason.into(), kind: StoreErrorKind::Unanswered }
    }

    /// Somebody else has what the store keeps about one job: [`StoreErrorKind::Busy`].
    pub fn busy(action: &'static str) -> Self {
        let reason = "somebody else has locked what it keeps about the job; it is asked again";
        Self { kind: StoreErrorKind::Busy, ..Self::new(action, reason) }
    }

    /// Whether it is of [`StoreErrorKind::LaterVersion`].
    pub fn is_of_later_version(&self) -> bool {
        self.kind == StoreErrorKind::LaterVersion
    }

    /// Whether it is of [`StoreErrorKind::Busy`].
    pub fn is_busy(&self) -> bool {
        self.kind == StoreErrorKind::Busy
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl StoreError {
    /// The tables are of a version that this program does not know.
    pub(crate) fn later(version: impl fmt::Display, known: impl fmt::Display) -> Self {
        let reason = format!("they are of version {version}, and this program knows {known}; update it");
        Self { kind: StoreErrorKind::LaterVersion, ..Self::new("use its tables", reason) }
    }

    /// What a database says when it cannot do something.
    pub(crate) fn to(action: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |error| Self::new(action, error.to_string())
    }
}

/// Keeps what replicas know together. Time is the store's own, so that replicas with clocks of
/// their own agree.
///
/// [`crate::testing::conformance::exercise`] holds a store of your own to all of it.
pub trait Store: fmt::Debug + Send + Sync {
    /// The time by the store's clock.
    fn now(&self) -> Answer<'_, DateTime<Utc>>;

    /// Takes note of whether a job is enabled in a process that starts, and answers what is known
    /// about it. One that is enabled again is expected to run from now on.
    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState>;

    /// As [`Store::enable`] for several jobs, each with whether it is enabled, in their order. Asks
    /// for one after the other, unless a store knows better.
    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        Box::pin(async move {
            let mut states = Vec::with_capacity(jobs.len());
            for (job, enabled) in jobs {
                states.push(self.enable(job, *enabled).await?);
            }
            Ok(states)
        })
    }

    /// What is known about a job. Nothing is written: one that is not known yet is answered as if
    /// it were first scheduled now.
    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState>;

    /// What is known about several jobs, in their order. Asks for one after the other, unless a
    /// store knows better.
    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        Box::pin(async move {
            let mut states = Vec::with_capacity(jobs.len());
            for job in jobs {
                states.push(self.state(job).await?);
            }
            Ok(states)
        })
    }

    /// Takes a slot, if it is due, nobody has done it, nobody holds the job, and it is not paused.
    /// A slot that is claimed while the job is paused is done with: it is not run when the job is
    /// resumed.
    ///
    /// A run that was asked for before with the same idempotency key is told first, also to a claim
    /// whose slot is not due.
    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed>;

    /// How many claims, or completions, are made together at best, and about how many jobs a
    /// process asks at once when it starts. Those that come while an answer
    /// is awaited are then collected, at most up to this number. One, unless a store knows better:
    /// then each is made when it comes.
    fn at_once(&self) -> usize {
        1
    }

    /// Takes several slots, as [`Store::claim`] takes each, and answers in their order. Of several
    /// claims of one job, at most one is granted. What cannot be decided now, as while somebody
    /// else decides about the job, is an error of its own, which no other waits for: it is claimed
    /// again. Where all fail, some may have been granted nonetheless.
    ///
    /// Asks for each by itself and all at the same time, unless a store knows better.
    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        Box::pin(async move { Ok(join_all(claims.iter().map(|claim| self.claim(*claim))).await) })
    }

    /// Holds a lease for longer.
    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed>;

    /// Records how a run ended and gives its lease back, and answers what is then known about the
    /// job. Nothing, and nothing is recorded, if the lease is lost. Who completes a run in the same
    /// way once more, because the answer was lost, is answered again, and nothing is counted twice.
    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>>;

    /// Records how several runs ended, as [`Store::complete`] records each, and answers in their
    /// order. Errors are as those of [`Store::claim_many`].
    ///
    /// Asks for each by itself and all at the same time, unless a store knows better.
    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        let complete = |completion: &Completion<'a>| self.complete(*completion);
        Box::pin(async move { Ok(join_all(completions.iter().map(complete)).await) })
    }

    /// Pauses a job, or resumes it: from then on it is expected to run. A run in progress goes on.
    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()>;

    /// Asks whoever runs a job to stop, which it hears when it renews its lease. False if nobody
    /// runs it.
    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool>;

    /// The latest runs of a job that ended, newest first: at most as many as are remembered, by
    /// default [`HISTORY`]. A run whose lease has run out is among them as interrupted, although
    /// its holder may yet come back before somebody else takes over.
    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>>;

    /// The first of [`Store::history`] of several jobs, in their order, or nothing for a job that
    /// no run has ended of. Asks for one after the other, unless a store knows better.
    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        Box::pin(async move {
            let mut runs = Vec::with_capacity(jobs.len());
            for job in jobs {
                runs.push(self.history(job).await?.into_iter().next());
            }
            Ok(runs)
        })
    }
}

/// What is known about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// When it was first scheduled: the anchor of its intervals.
    pub first_scheduled: DateTime<Utc>,
    /// Since when it is expected to run: since it was first scheduled, resumed, or enabled again.
    pub expected_since: DateTime<Utc>,
    /// The latest slot that is done.
    pub done: Option<DateTime<Utc>>,
    /// When it last succeeded.
    pub last_success: Option<DateTime<Utc>>,
    /// Failed runs since then.
    pub consecutive_failures: u32,
    /// Whether it is paused.
    pub paused: bool,
    /// The run in progress, if there is one whose lease has not run out.
    pub running: Option<Lease>,
}

/// A wish to run a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The job.
    pub job: &'a JobName,
    /// The due time, or nothing for a run that somebody asked for: it stands beside the schedule,
    /// and runs while paused.
    pub slot: Option<DateTime<Utc>>,
    /// Who wants to: one process, from its start to its end.
    pub holder: &'a Arc<str>,
    /// For how long, unless it is renewed.
    pub length: Duration,
    /// What whoever asked for the run says about it. Nothing for a due time.
    pub request: &'a Request,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It was granted.
    Granted(Lease),
    /// Somebody else holds the job.
    Held {
        /// The lease that stands.
        lease: Lease,
        /// How much is left of it.
        remaining: Duration,
    },
    /// A run with the same idempotency key is in progress at another holder, or came to its own
    /// end.
    Repeated(RunId),
    /// The slot is done already.
    Done,
    /// The job is paused.
    Paused,
    /// The slot is due only in so long, by the store's clock.
    Early(Duration),
}

/// What became of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The lease is held for longer.
    Extended,
    /// So it is, but somebody asked for the run to stop.
    CancelRequested,
    /// Somebody else has taken over.
    Lost,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion<'a> {
    /// The lease that it was run under.
    pub lease: &'a Lease,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// Up to which due time nothing is left to do: the slot of the run, or a later one that was
    /// skipped because the run took so long. Nothing if the slot is left to others.
    pub done: Option<DateTime<Utc>>,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Which run.
    pub id: RunId,
    /// The slot that was run, or nothing if somebody had asked for the run.
    pub slot: Option<DateTime<Utc>>,
    /// Who ran it.
    pub holder: Arc<str>,
    /// When it started.
    pub since: DateTime<Utc>,
    /// When it ended, by the store's clock. For a run that another replica took over, when it did.
    pub ended: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// What whoever asked for the run said about it.
    pub request: Request,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_is_does_not_follow_from_its_words() {
        let busy = StoreError::busy("grant a lease");
        let same = StoreError::new(busy.action, busy.reason.clone());
        assert_eq!(busy.to_string(), same.to_string());
        assert!(busy.is_busy() && !same.is_busy());
        assert!(!StoreError::new("use its tables", "the disk is full").is_of_later_version());
    }
}
