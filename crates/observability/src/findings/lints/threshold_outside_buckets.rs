//! Durations that the buckets of the histogram cannot tell apart.

use jobwatch_catalogue::DURATION_BUCKETS_SECONDS;

use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::quantity::Quantity;
use crate::series::DURATION_P95;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "threshold-outside-buckets",
        level: Level::Warning,
        summary: "A duration is compared with a threshold that the histogram's buckets cannot tell apart.",
        explanation: include_str!("../explanations/threshold-outside-buckets.md"),
    },
    run,
};

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in subject.model.alerts().iter().filter(|alert| alert.definition.value == DURATION_P95) {
        for class in alert.values(0) {
            let Quantity::Duration(threshold) = class.value else { continue };
            // Above the highest bound it never fires, which is told already.
            if threshold >= highest_bound() || is_bound(threshold) {
                continue;
            }
            let message = format!(
                "{} compares with {}, which is no bound of a bucket, so that the value is only estimated",
                alert.name(),
                class.value
            );
            let hint = format!("the nearest bounds are {}", neighbours(threshold));
            let stated = alert.stated_threshold() == Some(class.value);
            findings.push(match class.jobs.first() {
                Some(job) if !stated => subject.about_job(LINT.code, alert.name(), job, message, &hint),
                _ => subject.about_alert(LINT.code, alert.name(), message, &hint),
            });
        }
    }
    findings
}

/// Returns the highest duration that can be told from a higher one, in seconds.
fn highest_bound() -> u64 {
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
