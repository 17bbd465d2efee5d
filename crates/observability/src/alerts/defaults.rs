//! What an alert is where a catalogue says nothing: the figures that the runbook promises.

use jobwatch_catalogue::{AlertName, Quantity};

use crate::condition::Condition;
use crate::severity::Severity;

pub(super) struct Defaults {
    pub(super) severity: Severity,
    pub(super) section: &'static str,
    pub(super) condition: Condition,
    pub(super) hold: u64,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

pub(super) const fn defaults(name: AlertName) -> Defaults {
    use Severity::{Critical, Warning};
    match name {
        AlertName::BackgroundJobFailing => Defaults {
            severity: Warning,
            section: "Job Failures",
            condition: Condition::FailureRate { above: Quantity::PerSecond(100_000) },
            hold: 5 * MINUTE,
        },
        AlertName::BackgroundJobCriticalFailureRate => Defaults {
            severity: Critical,
            section: "Critical Failure Rate",
            condition: Condition::FailureRatio { above: Quantity::Ratio(500_000) },
            hold: 5 * MINUTE,
        },
        AlertName::BackgroundJobNotRunning => Defaults {
            severity: Warning,
            section: "Job Not Running",
            condition: Condition::NoSuccess { longer_than: Quantity::Duration(2 * HOUR) },
            hold: 0,
        },
        AlertName::BackgroundJobCriticallyStale => Defaults {
            severity: Critical,
            section: "Critically Stale Job",
            condition: Condition::NoSuccess { longer_than: Quantity::Duration(24 * HOUR) },
            hold: 0,
        },
        AlertName::BackgroundJobHighDuration => Defaults {
            severity: Warning,
            section: "High Job Duration",
            condition: Condition::DurationP95 { above: Quantity::Duration(300) },
            hold: 15 * MINUTE,
        },
        AlertName::BackgroundJobCriticalDuration => Defaults {
            severity: Critical,
            section: "Critical Job Duration",
            condition: Condition::DurationP95 { above: Quantity::Duration(600) },
            hold: 10 * MINUTE,
        },
        AlertName::BackgroundJobQueueGrowing => Defaults {
            severity: Warning,
            section: "Growing Queue",
            condition: Condition::QueueGrowing {
                above: Quantity::Count(100),
                growth: Quantity::Ratio(500_000),
                over: Quantity::Duration(10 * MINUTE),
            },
            hold: 0,
        },
        AlertName::BackgroundJobCriticalQueueSize => Defaults {
            severity: Critical,
            section: "Critical Queue Size",
            condition: Condition::QueueSize { above: Quantity::Count(1000) },
            hold: 10 * MINUTE,
        },
        AlertName::BackgroundJobHighItemFailureRate => Defaults {
            severity: Warning,
            section: "High Item Failure Rate",
            condition: Condition::ItemFailureRatio { above: Quantity::Ratio(200_000) },
            hold: 15 * MINUTE,
        },
        AlertName::BackgroundJobConsecutiveFailures => Defaults {
            severity: Warning,
            section: "Consecutive Failures",
            condition: Condition::ConsecutiveFailures { at_least: Quantity::Count(3) },
            hold: 0,
        },
        AlertName::BackgroundJobStuck => Defaults {
            severity: Warning,
            section: "Stuck Job",
            condition: Condition::Stuck { timeout: None },
            hold: MINUTE,
        },
        AlertName::BackgroundJobMetricsAbsent => Defaults {
            severity: Critical,
            section: "Metrics Absent",
            condition: Condition::MetricsAbsent,
            hold: 10 * MINUTE,
        },
    }
}
