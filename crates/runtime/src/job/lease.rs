//! The right to run a job.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use crate::job::run_id::RunId;

/// The right to run a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobName,
    /// The slot that is run.
    pub slot: Option<DateTime<Utc>>,
    /// Who holds it.
    pub holder: Arc<str>,
    /// Grows with every lease of the job: of two runs that both believe to hold it, the higher
    /// token is right.
    pub token: u64,
    /// When it was granted, by the store's clock: what time it was then is learned from it.
    pub since: DateTime<Utc>,
    /// When it runs out, by the store's clock.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// The run that it is for.
    pub fn run(&self) -> RunId {
        RunId { job: self.job.clone(), token: self.token }
    }
}
