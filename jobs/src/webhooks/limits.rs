//! How often, how long and how many.

use std::time::Duration;

use chrono::TimeDelta;

/// How often a delivery is attempted before it becomes a dead letter.
pub const ATTEMPTS: i64 = 5;

/// How long a receiver may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a run begins deliveries. What is left is due in the next run, so that a host that never
/// answers makes no run fail for the time that it takes.
pub const LONGEST: Duration = Duration::from_secs(240);

/// For how long deliveries are claimed: as long as a run begins any, the last answer, and a minute.
pub(super) const CLAIM: TimeDelta = TimeDelta::seconds((LONGEST.as_secs() + TIMEOUT.as_secs() + 60) as i64);

/// How deliveries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many deliveries are claimed together.
    pub batch: u32,
    /// How many are under way at once, and as many again that are kept waiting for their answers.
    /// Those to one host are four at most, and no more than half.
    pub concurrency: u32,
}
