//! Alerts whose threshold is out of reach of every job, or of one that has a figure of its own.

use jobwatch_catalogue::{JobName, JobSpec, Quantity};

use super::Linter;
use super::buckets::highest_finite_bound;
use crate::alerts::Alert;
use crate::code::Code;
use crate::condition::Condition;
use crate::finding::Finding;

const HINT: &str =
    "lower the threshold, or accept the finding in the catalogue with the reason why it may stay";

pub(super) fn lint(linter: &Linter<'_>) -> Vec<Finding> {
    linter.alerts.iter().flat_map(|alert| alert_findings(linter, alert)).collect()
}

fn alert_findings(linter: &Linter<'_>, alert: &Alert) -> Vec<Finding> {
    // The highest value that a job can reach, beside the threshold that holds for it.
    let mut limits: Vec<(&JobSpec, Condition, Limit)> = Vec::new();
    let mut watched = 0;
    for class in &alert.classes {
        for name in &class.jobs {
            watched += 1;
            let limit = linter.jobs.get(name.as_str()).and_then(|&(_, job)| {
                unreachable(class.condition, job).map(|limit| (job, class.condition, limit))
            });
            limits.extend(limit);
        }
    }
    if limits.is_empty() {
        return Vec::new();
    }
    if limits.len() == watched {
        // The job that comes nearest tells how far the threshold is out of reach.
        let nearest = limits.iter().max_by_key(|(_, _, limit)| limit.order);
        return nearest
            .map(|(job, condition, limit)| {
                let message = format!(
                    "{} cannot fire: {}, and {}",
                    alert.name,
                    needs(*condition),
                    limit.says(job.name(), watched > 1)
                );
                linter.about_alert(Code::AlertNeverFires, alert.name, message, HINT)
            })
            .into_iter()
            .collect();
    }
    // A job that merely never reaches a figure meant for all is no mistake; one with a figure of its own is.
    limits
        .into_iter()
        .filter(|(job, _, _)| job.thresholds().contains_key(&alert.name))
        .map(|(job, condition, limit)| {
            let message = format!(
                "{} cannot fire for {}: {}, and {}",
                alert.name,
                job.name(),
                needs(condition),
                limit.says(job.name(), false)
            );
            linter.about_job(Code::AlertNeverFires, alert.name, job.name(), message, HINT)
        })
        .collect()
}

/// What a job cannot exceed.
struct Limit {
    /// The larger, the nearer to the threshold.
    order: u64,
    what: String,
}

impl Limit {
    fn says(&self, job: &JobName, among_others: bool) -> String {
        format!("{}{job} {}", if among_others { "even " } else { "" }, self.what)
    }
}

/// Why a job cannot reach the threshold of a condition, if it cannot.
fn unreachable(condition: Condition, job: &JobSpec) -> Option<Limit> {
    match condition {
        Condition::FailureRate { above: Quantity::PerSecond(threshold) } => {
            let interval = job.schedule().shortest_gap().as_secs();
            // One execution an interval, at the most, and all of them fail.
            let most = 1_000_000 / interval;
            (most <= threshold).then(|| Limit {
                order: most,
                what: format!(
                    "runs at most {} times a second ({})",
                    rounded(1, interval),
                    times_too_rare(threshold, interval)
                ),
            })
        }
        Condition::FailureRatio { above: Quantity::Ratio(1_000_000..) }
        | Condition::ItemFailureRatio { above: Quantity::Ratio(1_000_000..) } => {
            Some(Limit { order: 0, what: "cannot fail in more than all cases".to_owned() })
        }
        Condition::DurationP95 { above: Quantity::Duration(threshold) } => {
            let timeout = job.timeout().as_secs();
            let highest = highest_finite_bound();
            if threshold >= timeout {
                let what = format!("is stopped after {}", Quantity::Duration(timeout));
                return Some(Limit { order: timeout, what });
            }
            (threshold >= highest).then(|| Limit {
                order: highest,
                what: format!("is measured up to {} only", Quantity::Duration(highest)),
            })
        }
        _ => None,
    }
}

fn needs(condition: Condition) -> String {
    match condition {
        Condition::FailureRate { above } => {
            format!("it takes more than {} failed executions a second", above.to_promql())
        }
        Condition::DurationP95 { above } => format!("it takes executions of more than {above}"),
        condition => match condition.threshold() {
            Some(threshold) => format!("it takes more than {threshold}"),
            None => "it takes what no job does".to_owned(),
        },
    }
}

/// A fraction with three significant digits.
fn rounded(numerator: u64, denominator: u64) -> String {
    let value = numerator as f64 / denominator as f64;
    let digits = (2.0 - value.log10().floor()).max(0.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn times_too_rare(threshold: u64, interval: u64) -> String {
    match u128::from(threshold) * u128::from(interval) / 1_000_000 {
        0 | 1 => "just too rarely".to_owned(),
        times => format!("{times} times too rarely"),
    }
}
