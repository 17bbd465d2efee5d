//! What has to be the case before an alert fires, as a value: rules, panels, descriptions and the runbook's sentences are all
//! computed from it or compared with it.

use jobwatch_catalogue::Quantity;

/// What has to be the case before an alert fires.
///
/// Every [`Quantity`] has the unit that its field's comment names; conditions are made by [`crate::alerts::alerts`] from figures
/// that the catalogue has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// More failed executions a second than this.
    FailureRate {
        /// A rate per second.
        above: Quantity,
    },
    /// A larger part of the executions failed than this.
    FailureRatio {
        /// A ratio.
        above: Quantity,
    },
    /// No execution has succeeded for longer than this.
    NoSuccess {
        /// A duration.
        longer_than: Quantity,
    },
    /// The 95th percentile of the duration is above this.
    DurationP95 {
        /// A duration.
        above: Quantity,
    },
    /// The queue is longer than this, and has grown by more than a given part.
    QueueGrowing {
        /// A count.
        above: Quantity,
        /// A ratio of the earlier length.
        growth: Quantity,
        /// A duration: how much earlier.
        over: Quantity,
    },
    /// The queue is longer than this.
    QueueSize {
        /// A count.
        above: Quantity,
    },
    /// A larger part of the attempted items failed than this.
    ItemFailureRatio {
        /// A ratio.
        above: Quantity,
    },
    /// At least so many executions in a row failed.
    ConsecutiveFailures {
        /// A count.
        at_least: Quantity,
    },
    /// An execution has been in progress for longer than the job may take.
    Stuck {
        /// A duration, where the job is known: its timeout.
        timeout: Option<Quantity>,
    },
    /// A job of the catalogue exposes no metrics.
    MetricsAbsent,
}

impl Condition {
    /// The figure that is compared with the alert's value, where there is one.
    pub const fn threshold(&self) -> Option<Quantity> {
        match *self {
            Self::FailureRate { above }
            | Self::FailureRatio { above }
            | Self::DurationP95 { above }
            | Self::QueueGrowing { above, .. }
            | Self::QueueSize { above }
            | Self::ItemFailureRatio { above } => Some(above),
            Self::NoSuccess { longer_than } => Some(longer_than),
            Self::ConsecutiveFailures { at_least } => Some(at_least),
            Self::Stuck { timeout } => timeout,
            Self::MetricsAbsent => None,
        }
    }
}
