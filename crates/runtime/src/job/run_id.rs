//! Names of runs.

use std::fmt;

use jobwatch_catalogue::JobName;

/// Names a run: the job, and the token of its lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunId {
    /// The job.
    pub job: JobName,
    /// Grows with every run of the job, on whichever replica.
    pub token: u64,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.job, self.token)
    }
}
