//! Which figures hold for a job.

use jobwatch_catalogue::{AlertName, JobSpec, Quantity, ThresholdOverride};

use super::staleness;
use crate::condition::Condition;

/// A condition with the figures that a catalogue sets in place of its own.
pub(super) fn with(condition: Condition, set: &ThresholdOverride) -> Condition {
    match condition {
        Condition::FailureRate { above } => Condition::FailureRate { above: set.above.unwrap_or(above) },
        Condition::FailureRatio { above } => Condition::FailureRatio { above: set.above.unwrap_or(above) },
        Condition::NoSuccess { longer_than } => {
            Condition::NoSuccess { longer_than: set.above.unwrap_or(longer_than) }
        }
        Condition::DurationP95 { above } => Condition::DurationP95 { above: set.above.unwrap_or(above) },
        Condition::QueueGrowing { above, growth, over } => Condition::QueueGrowing {
            above: set.above.unwrap_or(above),
            growth: set.growth.map_or(growth, Quantity::Ratio),
            over: set.over.map_or(over, Quantity::Duration),
        },
        Condition::QueueSize { above } => Condition::QueueSize { above: set.above.unwrap_or(above) },
        Condition::ItemFailureRatio { above } => {
            Condition::ItemFailureRatio { above: set.above.unwrap_or(above) }
        }
        Condition::ConsecutiveFailures { at_least } => {
            Condition::ConsecutiveFailures { at_least: set.at_least.map_or(at_least, Quantity::Count) }
        }
        Condition::Stuck { .. } | Condition::MetricsAbsent => condition,
    }
}

/// The condition for a job that the catalogue sets no figures for: the stated one, but for staleness and run time, which
/// follow from the job's own schedule.
pub(super) fn for_job(name: AlertName, condition: Condition, job: &JobSpec) -> Condition {
    match (name, condition) {
        (
            AlertName::BackgroundJobNotRunning,
            Condition::NoSuccess { longer_than: Quantity::Duration(floor) },
        ) => Condition::NoSuccess { longer_than: Quantity::Duration(staleness::warning(floor, job)) },
        (_, Condition::NoSuccess { longer_than: Quantity::Duration(floor) }) => {
            Condition::NoSuccess { longer_than: Quantity::Duration(staleness::critical(floor, job)) }
        }
        (_, Condition::Stuck { .. }) => {
            Condition::Stuck { timeout: Some(Quantity::Duration(job.timeout().as_secs())) }
        }
        (_, condition) => condition,
    }
}
