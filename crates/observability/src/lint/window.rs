//! Windows that hold no execution, or more than Prometheus remembers; queues that are looked back upon over too short a time.

use std::collections::HashMap;

use jobwatch_catalogue::{AlertName, JobSpec, Quantity};

use super::Linter;
use crate::alerts::Alert;
use crate::code::Code;
use crate::condition::Condition;
use crate::finding::Finding;
use crate::promql::{Expr, MatcherValue, RangeFunction, Window};
use crate::rules::Rule;

/// How long Prometheus keeps samples unless it is told otherwise, in seconds: 15 days.
const RETENTION: u64 = 15 * 86_400;

pub(super) fn lint(linter: &Linter<'_>) -> Vec<Finding> {
    // The shortest and the longest window over which a job is looked back upon.
    let mut windows: HashMap<&str, (u64, u64)> = HashMap::new();
    for rule in linter.groups.iter().flat_map(|group| &group.rules) {
        for_each_window(rule, &mut |job, window| {
            if let Some((_, job)) = linter.jobs.get(job) {
                let known = windows.entry(job.name().as_str()).or_insert((window, window));
                *known = (known.0.min(window), known.1.max(window));
            }
        });
    }
    let mut findings = Vec::new();
    for job in linter.catalogue.jobs() {
        let Some(&(shortest, longest)) = windows.get(job.name().as_str()) else { continue };
        let interval = job.schedule().longest_gap().as_secs();
        if shortest < interval {
            let message = format!(
                "the rules look back over {} at {}, which is due every {}",
                Quantity::Duration(shortest),
                job.name(),
                Quantity::Duration(interval)
            );
            let hint = "report this: a window follows from the job's interval";
            findings.push(about(linter, Code::WindowTooShort, job, message, hint));
        }
        if longest > RETENTION {
            let message = format!(
                "the rules look back over {} at {}, and Prometheus keeps {} unless it is told otherwise",
                Quantity::Duration(longest),
                job.name(),
                Quantity::Duration(RETENTION)
            );
            let hint =
                "start Prometheus with a longer `--storage.tsdb.retention.time`, then accept the finding";
            findings.push(about(linter, Code::WindowExceedsRetention, job, message, hint));
        }
    }
    findings.extend(linter.alerts.iter().flat_map(|alert| growth(linter, alert)));
    findings
}

/// Queues that are compared with themselves so short a time ago that the job has not been due since: they grow until it is.
fn growth(linter: &Linter<'_>, alert: &Alert) -> Vec<Finding> {
    let Condition::QueueGrowing { over: Quantity::Duration(over), .. } = alert.condition else {
        return Vec::new();
    };
    let watched = alert.classes.iter().flat_map(|class| &class.jobs);
    let job = watched.filter_map(|name| linter.jobs.get(name.as_str()).map(|&(_, job)| job));
    job.filter(|job| over < job.schedule().longest_gap().as_secs())
        .map(|job| {
            let interval = Quantity::Duration(job.schedule().longest_gap().as_secs());
            let message = format!(
                "{} compares the queue of {} with that of {} ago, and the job is due every {interval}: the queue grows until \
                 then though nothing is wrong",
                alert.name,
                job.name(),
                Quantity::Duration(over)
            );
            let hint = format!(
                "set `over: {interval}` or more for {} in the catalogue's `thresholds`, or a higher `above` for the job and \
                 accept the finding",
                alert.name
            );
            linter.about_job(Code::WindowTooShort, alert.name, job.name(), message, &hint)
        })
        .collect()
}

/// Windows belong to signals; the failure ratio is the alert that suffers most.
fn about(linter: &Linter<'_>, code: Code, job: &JobSpec, message: String, hint: &str) -> Finding {
    linter.about_job(code, AlertName::BackgroundJobCriticalFailureRate, job.name(), message, hint)
}

fn for_each_window<'r>(rule: &'r Rule, visit: &mut impl FnMut(&'r str, u64)) {
    rule.expression().walk(&mut |expression| {
        let Expr::Range {
            function: RangeFunction::Rate | RangeFunction::Increase,
            selector,
            window: Window::Seconds(window),
        } = expression
        else {
            return;
        };
        for matcher in &selector.matchers {
            let jobs = match &matcher.value {
                MatcherValue::Equal(job) => std::slice::from_ref(job),
                MatcherValue::OneOf(jobs) => jobs,
                MatcherValue::Variable(_) => &[],
            };
            if matcher.label == jobwatch_catalogue::label::JOB_NAME {
                jobs.iter().for_each(|job| visit(job, *window));
            }
        }
    });
}
