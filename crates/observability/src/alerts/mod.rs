//! The standard alerts, each in a file of its own: nine that the runbook promises, and three of the
//! project's own.

pub mod consecutive_failures;
pub mod critical_duration;
pub mod critical_failure_rate;
pub mod critical_queue_size;
pub mod critically_stale;
pub mod failing;
mod groups;
pub mod high_duration;
pub mod high_item_failure_rate;
pub mod metrics_absent;
pub mod not_running;
pub mod overdue;
pub mod queue_growing;
mod slowness;
mod staleness;
pub mod stuck;

use crate::definition::AlertDefinition;

/// Every standard alert, in the order in which rules, runbook and tables list them.
pub static STANDARD: [&AlertDefinition; 13] = [
    &failing::FAILING,
    &critical_failure_rate::CRITICAL_FAILURE_RATE,
    &not_running::NOT_RUNNING,
    &critically_stale::CRITICALLY_STALE,
    &high_duration::HIGH_DURATION,
    &critical_duration::CRITICAL_DURATION,
    &queue_growing::QUEUE_GROWING,
    &critical_queue_size::CRITICAL_QUEUE_SIZE,
    &high_item_failure_rate::HIGH_ITEM_FAILURE_RATE,
    &consecutive_failures::CONSECUTIVE_FAILURES,
    &overdue::OVERDUE,
    &stuck::STUCK,
    &metrics_absent::METRICS_ABSENT,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::STANDARD;

    #[test]
    fn no_two_alerts_have_the_same_summary() {
        let summaries: BTreeSet<&str> = STANDARD.iter().map(|alert| alert.texts.summary).collect();
        assert_eq!(summaries.len(), STANDARD.len());
    }
}
