//! Durations that the buckets of the histogram cannot tell apart.

use jobwatch_catalogue::{DURATION_BUCKETS_SECONDS, Quantity};

use super::Linter;
use crate::code::Code;
use crate::condition::Condition;
use crate::finding::Finding;

pub(super) fn lint(linter: &Linter<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in linter.alerts {
        for class in &alert.classes {
            let Condition::DurationP95 { above: Quantity::Duration(threshold) } = class.condition else {
                continue;
            };
            // Above the highest bound it never fires, which is told already.
            if threshold >= highest_finite_bound() || is_bound(threshold) {
                continue;
            }
            let message = format!(
                "{} compares with {}, which is no bound of a bucket, so that the value is only estimated",
                alert.name,
                Quantity::Duration(threshold)
            );
            let hint = format!("the nearest bounds are {}", neighbours(threshold));
            let stated = class.condition == alert.condition;
            findings.push(match class.jobs.first() {
                Some(job) if !stated => {
                    linter.about_job(Code::ThresholdOutsideBuckets, alert.name, job, message, &hint)
                }
                _ => linter.about_alert(Code::ThresholdOutsideBuckets, alert.name, message, &hint),
            });
        }
    }
    findings
}

/// The highest duration that can be told from a higher one, in seconds.
pub(super) fn highest_finite_bound() -> u64 {
    DURATION_BUCKETS_SECONDS.last().map_or(0, |bound| *bound as u64)
}

fn is_bound(seconds: u64) -> bool {
    DURATION_BUCKETS_SECONDS.contains(&(seconds as f64))
}

fn neighbours(seconds: u64) -> String {
    let above = DURATION_BUCKETS_SECONDS.iter().position(|bound| *bound > seconds as f64);
    let bounds = match above {
        Some(0) | None => &DURATION_BUCKETS_SECONDS[..1],
        Some(above) => &DURATION_BUCKETS_SECONDS[above - 1..=above],
    };
    let text = |bound: &f64| match *bound {
        bound if bound < 1.0 => format!("{bound} s"),
        bound => Quantity::Duration(bound as u64).to_string(),
    };
    bounds.iter().map(text).collect::<Vec<_>>().join(" and ")
}
