//! Why a request cannot be met.

use jobwatch_catalogue::JobName;

use crate::job::request::TooLong;
use crate::job::run_id::RunId;
use crate::store::{Lease, StoreError};

/// A request that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no such job.
    #[error("there is no job `{job}`; the jobs are {}", .known.join(", "))]
    UnknownJob {
        /// The name that was asked for.
        job: String,
        /// The names of all jobs.
        known: Vec<String>,
    },
    /// The job runs already.
    #[error("{} runs already, since {} at {}", .0.job, .0.since.format("%FT%TZ"), .0.holder)]
    AlreadyRunning(Lease),
    /// The job is being started at this moment, by its schedule or by somebody else.
    #[error("{0} is being started at this moment")]
    Starting(JobName),
    /// The job does not run, so that nothing can be cancelled.
    #[error("{0} does not run")]
    NotRunning(JobName),
    /// The job is disabled in the catalogue or by its settings.
    #[error("{job} is disabled: {why}; mend that and restart")]
    Disabled {
        /// The job.
        job: JobName,
        /// Why it is.
        why: String,
    },
    /// As many runs go on in this process as may.
    #[error("{job} has to wait: {most} runs go on already, and no more may; try again later")]
    NoRoom {
        /// The job.
        job: JobName,
        /// How many may: [`crate::Settings::max_runs`].
        most: usize,
    },
    /// The run neither goes on nor is in the history: it was too long ago, or never was.
    #[error("nothing is known of the run {0}")]
    UnknownRun(RunId),
    /// What is said about the run is too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The runtime shuts down.
    #[error("the service is shutting down")]
    ShuttingDown,
    /// The store has not answered yet, or does not any more.
    #[error(transparent)]
    Store(#[from] StoreError),
}
