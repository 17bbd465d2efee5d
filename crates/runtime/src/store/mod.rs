//! What replicas know together: who runs which due time of which job, what was run before, and what is paused.
//!
//! The contract is *at least once, with fencing*. A due time is a slot; who runs it holds a lease with a token that only grows.
//! When a holder dies, its lease runs out and another takes the same slot over with a higher token; when it comes back, the store
//! refuses what it has to say. A job that must not do something twice passes the token on to where it does it.

pub mod conformance;
mod memory;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use crate::outcome::Outcome;

pub use memory::MemoryStore;

/// How many runs of each job are remembered.
pub const HISTORY: usize = 100;

/// What a store answers, in a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The store could not answer. Whether it has done what it was asked for is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot {action}: {reason}")]
pub struct StoreError {
    /// What was asked for.
    pub action: &'static str,
    /// What the store says.
    pub reason: String,
}

/// Keeps what replicas know together. Time is the store's own, so that replicas with clocks of their own agree.
pub trait Store: fmt::Debug + Send + Sync {
    /// What is known about a job. One that is not known yet is first scheduled now.
    fn register<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState>;

    /// Takes a slot, if nobody has done it, nobody holds the job, and it is not paused.
    fn claim<'a>(&'a self, claim: &'a Claim) -> Answer<'a, Claimed>;

    /// Holds a lease for longer. False if it is lost.
    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, bool>;

    /// Records how a run ended, gives its lease back, and has its slot done unless the run was interrupted. False, and nothing is
    /// recorded, if the lease is lost.
    fn complete<'a>(&'a self, lease: &'a Lease, outcome: &'a Outcome) -> Answer<'a, bool>;

    /// Pauses a job, or resumes it. A run in progress goes on.
    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()>;

    /// The latest runs of a job, newest first: at most [`HISTORY`].
    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>>;
}

/// What is known about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// When it was first scheduled: the anchor of its intervals.
    pub first_scheduled: DateTime<Utc>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job: JobName,
    /// The due time, or nothing for a run that somebody asked for: it stands beside the schedule, and runs while paused.
    pub slot: Option<DateTime<Utc>>,
    /// Who wants to: one process, from its start to its end.
    pub holder: String,
    /// For how long, unless it is renewed.
    pub length: Duration,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It was granted.
    Granted(Lease),
    /// Somebody else holds the job.
    Held(Lease),
    /// The slot is done already.
    Done,
    /// The job is paused.
    Paused,
}

/// The right to run a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobName,
    /// The slot that is run.
    pub slot: Option<DateTime<Utc>>,
    /// Who holds it.
    pub holder: String,
    /// Grows with every lease of the job: of two runs that both believe to hold it, the higher token is right.
    pub token: u64,
    /// When the run started.
    pub since: DateTime<Utc>,
    /// When it runs out, by the store's clock.
    pub until: DateTime<Utc>,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// The lease that it was run under.
    pub lease: Lease,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub ended: DateTime<Utc>,
}
