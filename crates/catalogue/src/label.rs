//! Label names and the closed sets of their values.

use strum::{Display, IntoStaticStr};

/// The job that a series is about.
pub const JOB_NAME: &str = "job_name";
/// How an execution or an item ended: [`RunStatus`] or [`ItemStatus`].
pub const STATUS: &str = "status";
/// Why a due time did not become an execution: [`SkipReason`].
pub const REASON: &str = "reason";
/// The Kubernetes namespace that the process runs in: a target label, which Prometheus adds where
/// it is configured to.
pub const NAMESPACE: &str = "namespace";
/// Which process a series is from: a target label, which Prometheus adds.
pub const INSTANCE: &str = "instance";
/// By which scrape configuration Prometheus found the process: a target label, which it adds.
pub const JOB: &str = "job";
/// The upper bound of a histogram bucket.
pub const LE: &str = "le";

/// Labels that rules set or group by themselves, so that a catalogue sets none of them.
pub const OF_RULES: [&str; 11] = [
    "alertname",
    "alertstate",
    "catalogue",
    "escalates",
    "job_name",
    "le",
    "lookback",
    "reason",
    "severity",
    "status",
    "window",
];
/// Labels that rules set on alerts besides those.
pub const OF_ALERTS: [&str; 2] = [NAMESPACE, "service"];
/// Labels that rules group by, whatever the catalogue.
pub const GROUPED_ANYHOW: [&str; 2] = [NAMESPACE, JOB_NAME];

/// How an execution ended: `status` of [`crate::metric::JOB_EXECUTION_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Display, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RunStatus {
    /// It did its work.
    Success,
    /// It returned an error, panicked, timed out or was cut off.
    Failed,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Success, Self::Failed];

    /// Returns the label's value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How an item ended: `status` of [`crate::metric::JOB_ITEMS_PROCESSED_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Display, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemStatus {
    /// It was handled.
    Success,
    /// It was attempted in vain.
    Failed,
    /// There was nothing to do for it: no attempt, so it has no part in the failure ratio.
    Skipped,
}

impl ItemStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Success, Self::Failed, Self::Skipped];

    /// Returns the label's value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why a due time did not become an execution: `reason` of
/// [`crate::metric::JOB_EXECUTION_SKIPPED_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Display, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SkipReason {
    /// The previous execution was still running here.
    Overlap,
    /// Another replica held the job's lease.
    LeaseHeld,
    /// Somebody had paused the job.
    Paused,
    /// Nobody was there at the time: the process was down, or several due times were coalesced into
    /// a later one.
    Missed,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Overlap, Self::LeaseHeld, Self::Paused, Self::Missed];

    /// Returns the label's value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_contract() {
        assert_eq!(RunStatus::ALL.map(RunStatus::as_str), ["success", "failed"]);
        assert_eq!(ItemStatus::ALL.map(ItemStatus::as_str), ["success", "failed", "skipped"]);
        assert_eq!(SkipReason::ALL.map(SkipReason::as_str), ["overlap", "lease_held", "paused", "missed"]);
        assert_eq!(format!("{:>11}", SkipReason::LeaseHeld), " lease_held");
    }
}
