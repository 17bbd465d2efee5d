//! Label names and the closed sets of their values.

use std::fmt;

/// The job that a series is about.
pub const JOB_NAME: &str = "job_name";
/// How an execution or an item ended: [`RunStatus`] or [`ItemStatus`].
pub const STATUS: &str = "status";
/// Why a due time did not become an execution: [`SkipReason`].
pub const REASON: &str = "reason";
/// The Kubernetes namespace that the process runs in: a target label, which Prometheus adds where it is configured to.
pub const NAMESPACE: &str = "namespace";
/// The upper bound of a histogram bucket.
pub const LE: &str = "le";

/// How an execution ended: `status` of [`crate::metric::JOB_EXECUTION_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunStatus {
    /// It did its work.
    Success,
    /// It returned an error, panicked, timed out or was cut off.
    Failed,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Success, Self::Failed];

    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

/// How an item ended: `status` of [`crate::metric::JOB_ITEMS_PROCESSED_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemStatus {
    /// It was handled.
    Success,
    /// It was attempted in vain.
    Failed,
    /// There was nothing to do for it: no attempt, so it has no part in the failure ratio.
    Skipped,
}

impl ItemStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Success, Self::Failed, Self::Skipped];

    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// Why a due time did not become an execution: `reason` of [`crate::metric::JOB_EXECUTION_SKIPPED_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SkipReason {
    /// The previous execution was still running here.
    Overlap,
    /// Another replica held the job's lease.
    LeaseHeld,
    /// Somebody had paused the job.
    Paused,
    /// Nobody was there at the time: the process was down, or several due times were coalesced into a later one.
    Missed,
}

impl SkipReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Overlap, Self::LeaseHeld, Self::Paused, Self::Missed];

    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::LeaseHeld => "lease_held",
            Self::Paused => "paused",
            Self::Missed => "missed",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for ItemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
