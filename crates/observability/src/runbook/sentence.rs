//! Writes the sentence of a threshold.

use jobwatch_catalogue::Quantity;

use crate::alerts::{Alert, JobClass};
use crate::condition::Condition;

/// The sentence that a runbook's threshold should be, with the figures of single jobs where they differ.
pub fn sentence(alert: &Alert) -> String {
    let exceptions: Vec<&JobClass> = alert.exceptions().collect();
    let stated = stated(alert.condition);
    let aside = if exceptions.is_empty() { String::new() } else { format!(" ({})", listed(&exceptions)) };
    let hold = if alert.hold == 0 { String::new() } else { format!(" for {}", spoken_time(alert.hold)) };
    format!("{stated}{aside}{hold}")
}

/// Every form of sentence that is understood, with the figures of the contract.
pub(super) const FORMS: [&str; 10] = [
    "> 0.1 failures/sec for 5 minutes",
    "> 50% failure rate for 5 minutes",
    "No successful run for > 2 hours",
    "P95 duration > 300 seconds for 15 minutes",
    "Queue > 100 and growing by > 50% over 10 minutes",
    "Queue size > 1000 for 10 minutes",
    "> 20% item failure rate for 15 minutes",
    ">= 3 failed runs in a row",
    "A run in progress for longer than its timeout for 1 minute",
    "No metrics of the job for 10 minutes",
];

fn stated(condition: Condition) -> String {
    match condition {
        Condition::FailureRate { above } => format!("> {} failures/sec", above.to_promql()),
        Condition::FailureRatio { above } => format!("> {above} failure rate"),
        Condition::NoSuccess { longer_than } => format!("No successful run for > {}", spoken(longer_than)),
        Condition::DurationP95 { above } => format!("P95 duration > {}", in_seconds(above)),
        Condition::QueueGrowing { above, growth, over } => {
            format!("Queue > {above} and growing by > {growth} over {}", spoken(over))
        }
        Condition::QueueSize { above } => format!("Queue size > {above}"),
        Condition::ItemFailureRatio { above } => format!("> {above} item failure rate"),
        Condition::ConsecutiveFailures { at_least } => format!(">= {at_least} failed runs in a row"),
        Condition::Stuck { .. } => "A run in progress for longer than its timeout".to_owned(),
        Condition::MetricsAbsent => "No metrics of the job".to_owned(),
    }
}

/// The figures of single jobs, as they stand in parentheses.
fn listed(exceptions: &[&JobClass]) -> String {
    let mut parts = Vec::new();
    for class in exceptions {
        let Some(figure) = class.condition.threshold() else { continue };
        let comparison = match class.condition {
            Condition::ConsecutiveFailures { .. } => ">=",
            _ => ">",
        };
        let compared = format!("{comparison} {}", spoken_for(class.condition, figure));
        parts.extend(class.jobs.iter().map(|job| format!("`{job}`: {compared}")));
    }
    parts.join("; ")
}

fn spoken(figure: Quantity) -> String {
    match figure {
        Quantity::Duration(seconds) => spoken_time(seconds),
        figure => figure.to_string(),
    }
}

/// A figure in the words that the sentence of a condition has for it.
pub(super) fn spoken_for(condition: Condition, figure: Quantity) -> String {
    match condition {
        Condition::DurationP95 { .. } => in_seconds(figure),
        Condition::FailureRate { .. } => format!("{} failures/sec", figure.to_promql()),
        _ => spoken(figure),
    }
}

/// A duration as the contract has those of executions: seconds, unless it is whole hours.
fn in_seconds(figure: Quantity) -> String {
    match figure {
        Quantity::Duration(seconds) if seconds % 3_600 != 0 => counted(seconds, "second"),
        figure => spoken(figure),
    }
}

/// A duration in the largest unit that it is a whole number of; days from two on.
pub(super) fn spoken_time(seconds: u64) -> String {
    match seconds {
        s if s >= 2 * 86_400 && s % 86_400 == 0 => counted(s / 86_400, "day"),
        s if s >= 3_600 && s % 3_600 == 0 => counted(s / 3_600, "hour"),
        s if s >= 60 && s % 60 == 0 => counted(s / 60, "minute"),
        s => counted(s, "second"),
    }
}

fn counted(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
