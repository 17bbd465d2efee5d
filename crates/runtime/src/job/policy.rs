//! How a job is run.

use std::time::Duration;

use crate::job::retry::Retry;

/// What becomes of a due time that passes while the job still runs on this process. Where another
/// replica runs it, that one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overlap {
    /// It is skipped.
    #[default]
    Skip,
    /// The latest is run as soon as the run has ended; those before it are skipped.
    QueueOne,
    /// The run is cancelled, and the due time is run instead.
    CancelOther,
}

/// What is said about one job. Nothing where the settings of the runtime hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) retry: Retry,
    pub(crate) overlap: Overlap,
    pub(crate) catch_up: Option<Duration>,
    pub(crate) jitter: Option<Duration>,
    pub(crate) lease: Option<Duration>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { retry: Retry::never(), overlap: Overlap::default(), catch_up: None, jitter: None, lease: None }
    }
}
