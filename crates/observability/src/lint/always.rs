//! Alerts that a job sets off while nothing is wrong with it.

use jobwatch_catalogue::{DURATION_BUCKETS_SECONDS, JobSpec, Quantity};

use super::Linter;
use crate::code::Code;
use crate::condition::Condition;
use crate::finding::Finding;

const HINT: &str = "raise the threshold, or leave it out to have it follow from the job's schedule";

pub(super) fn lint(linter: &Linter<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in linter.alerts {
        for class in &alert.classes {
            for name in &class.jobs {
                let why = linter.jobs.get(name.as_str()).and_then(|(_, job)| healthy(class.condition, job));
                findings.extend(why.map(|why| {
                    let message = format!("{} fires while {name} is healthy: {why}", alert.name);
                    linter.about_job(Code::AlertAlwaysFires, alert.name, name, message, HINT)
                }));
            }
        }
    }
    findings
}

/// How a healthy job meets a condition, if it does.
fn healthy(condition: Condition, job: &JobSpec) -> Option<String> {
    match condition {
        // Two successes are an interval apart, and the second may take all the time it may.
        Condition::NoSuccess { longer_than: Quantity::Duration(threshold) } => {
            let apart = job.schedule().longest_gap().as_secs() + job.timeout().as_secs();
            (threshold < apart).then(|| {
                format!(
                    "its successes may be {} apart, which is longer than {}",
                    Quantity::Duration(apart),
                    Quantity::Duration(threshold)
                )
            })
        }
        // The quantile of executions that take no time at all lies within the lowest bucket.
        Condition::DurationP95 { above } => {
            let lowest = DURATION_BUCKETS_SECONDS[0];
            (above.as_f64() < lowest).then(|| format!("durations below {lowest} s are not told apart"))
        }
        _ => None,
    }
}
