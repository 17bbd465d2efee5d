//! The names of the alerts, and what kinds of figures each is judged by.

use std::fmt;

use crate::quantity::Unit;

/// An alert that is generated for a catalogue: nine that the runbook promises, and three of the project's own.
///
/// The order is the one in which the rules, the runbook and the tables list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlertName {
    /// Executions fail at more than a given rate.
    BackgroundJobFailing,
    /// More than a given part of the executions fails.
    BackgroundJobCriticalFailureRate,
    /// No execution has succeeded for a while.
    BackgroundJobNotRunning,
    /// No execution has succeeded for much longer.
    BackgroundJobCriticallyStale,
    /// The 95th percentile of the duration is high.
    BackgroundJobHighDuration,
    /// The 95th percentile of the duration is very high.
    BackgroundJobCriticalDuration,
    /// The queue is long and grows.
    BackgroundJobQueueGrowing,
    /// The queue is very long.
    BackgroundJobCriticalQueueSize,
    /// More than a given part of the items fails.
    BackgroundJobHighItemFailureRate,
    /// Several executions in a row failed, however rarely the job runs.
    BackgroundJobConsecutiveFailures,
    /// An execution has been in progress for longer than it may take.
    BackgroundJobStuck,
    /// A job of the catalogue exposes no metrics.
    BackgroundJobMetricsAbsent,
}

/// The figures of an alert that a catalogue may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertFigures {
    /// The unit of `above`, or nothing where the alert has no such figure.
    pub above: Option<Unit>,
    /// The unit of `at_least`, or nothing where the alert has no such figure.
    pub at_least: Option<Unit>,
    /// Whether the alert has `growth` and `over`.
    pub growth: bool,
}

impl AlertName {
    /// Every alert, in order.
    pub const ALL: [Self; 12] = [
        Self::BackgroundJobFailing,
        Self::BackgroundJobCriticalFailureRate,
        Self::BackgroundJobNotRunning,
        Self::BackgroundJobCriticallyStale,
        Self::BackgroundJobHighDuration,
        Self::BackgroundJobCriticalDuration,
        Self::BackgroundJobQueueGrowing,
        Self::BackgroundJobCriticalQueueSize,
        Self::BackgroundJobHighItemFailureRate,
        Self::BackgroundJobConsecutiveFailures,
        Self::BackgroundJobStuck,
        Self::BackgroundJobMetricsAbsent,
    ];

    /// The name as rules, runbooks and pages write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BackgroundJobFailing => "BackgroundJobFailing",
            Self::BackgroundJobCriticalFailureRate => "BackgroundJobCriticalFailureRate",
            Self::BackgroundJobNotRunning => "BackgroundJobNotRunning",
            Self::BackgroundJobCriticallyStale => "BackgroundJobCriticallyStale",
            Self::BackgroundJobHighDuration => "BackgroundJobHighDuration",
            Self::BackgroundJobCriticalDuration => "BackgroundJobCriticalDuration",
            Self::BackgroundJobQueueGrowing => "BackgroundJobQueueGrowing",
            Self::BackgroundJobCriticalQueueSize => "BackgroundJobCriticalQueueSize",
            Self::BackgroundJobHighItemFailureRate => "BackgroundJobHighItemFailureRate",
            Self::BackgroundJobConsecutiveFailures => "BackgroundJobConsecutiveFailures",
            Self::BackgroundJobStuck => "BackgroundJobStuck",
            Self::BackgroundJobMetricsAbsent => "BackgroundJobMetricsAbsent",
        }
    }

    /// The alert of this name, exactly as written.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alert| alert.as_str() == name)
    }

    /// Which figures a catalogue may set for the alert. `for` may be set for every alert.
    pub const fn figures(self) -> AlertFigures {
        match self {
            Self::BackgroundJobFailing => Self::above(Unit::PerSecond),
            Self::BackgroundJobCriticalFailureRate | Self::BackgroundJobHighItemFailureRate => {
                Self::above(Unit::Ratio)
            }
            Self::BackgroundJobNotRunning
            | Self::BackgroundJobCriticallyStale
            | Self::BackgroundJobHighDuration
            | Self::BackgroundJobCriticalDuration => Self::above(Unit::Duration),
            Self::BackgroundJobCriticalQueueSize => Self::above(Unit::Count),
            Self::BackgroundJobQueueGrowing => {
                AlertFigures { above: Some(Unit::Count), at_least: None, growth: true }
            }
            Self::BackgroundJobConsecutiveFailures => {
                AlertFigures { above: None, at_least: Some(Unit::Count), growth: false }
            }
            Self::BackgroundJobStuck | Self::BackgroundJobMetricsAbsent => {
                AlertFigures { above: None, at_least: None, growth: false }
            }
        }
    }

    const fn above(unit: Unit) -> AlertFigures {
        AlertFigures { above: Some(unit), at_least: None, growth: false }
    }
}

impl fmt::Display for AlertName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
