//! What no reader of the rules sees: whether an alert can fire at all, and whether it fires when nothing is wrong.

mod accept;
mod always;
mod buckets;
mod expression;
mod never;
mod window;

use std::collections::HashMap;

use jobwatch_catalogue::{AlertName, Catalogue, JobName, JobSpec};

use crate::alerts::{Alert, alerts};
use crate::code::Code;
use crate::finding::{Finding, Location, Source};
use crate::rules::{RuleGroup, groups};

pub use accept::accept;

/// Where the values of a catalogue stand.
///
/// A catalogue that was built in Rust has no places; for it, `()` says that everything stands at the beginning.
pub trait Places {
    /// The place of the value with this path, as `jobs[2].timeout`, or of the nearest value around it.
    fn place(&self, path: &str) -> Location;
}

impl Places for () {
    fn place(&self, _: &str) -> Location {
        Location { source: Source::Catalogue, line: 1, column: 1, span: 0..0 }
    }
}

impl Places for jobwatch_catalogue::yaml::Positions {
    fn place(&self, path: &str) -> Location {
        let position = self.of(path);
        Location {
            source: Source::Catalogue,
            line: position.line,
            column: position.column,
            span: position.span.clone(),
        }
    }
}

/// Everything that is found out about the rules of a catalogue.
pub fn lint(catalogue: &Catalogue, places: &dyn Places) -> Vec<Finding> {
    let (alerts, groups) = (alerts(catalogue), groups(catalogue));
    let jobs =
        catalogue.jobs().iter().enumerate().map(|(index, job)| (job.name().as_str(), (index, job))).collect();
    let linter = Linter { catalogue, places, alerts: &alerts, groups: &groups, jobs };
    let mut findings = never::lint(&linter);
    findings.extend(always::lint(&linter));
    findings.extend(buckets::lint(&linter));
    findings.extend(window::lint(&linter));
    findings.extend(expression::lint(&linter));
    findings
}

struct Linter<'a> {
    catalogue: &'a Catalogue,
    places: &'a dyn Places,
    alerts: &'a [Alert],
    groups: &'a [RuleGroup],
    /// Each job with its place in the catalogue.
    jobs: HashMap<&'a str, (usize, &'a JobSpec)>,
}

impl Linter<'_> {
    /// A finding about an alert: where the catalogue sets the alert's figure, or where the jobs begin if it sets none.
    fn about_alert(&self, code: Code, alert: AlertName, message: String, hint: &str) -> Finding {
        let path = if self.catalogue.thresholds().contains_key(&alert) {
            format!("thresholds.{alert}")
        } else {
            "jobs".to_owned()
        };
        self.finding(code, Some(alert), None, &path, message, hint)
    }

    /// A finding about an alert and a job: where the job sets the alert's figure, or else where the job stands.
    fn about_job(&self, code: Code, alert: AlertName, job: &JobName, message: String, hint: &str) -> Finding {
        let path = match self.jobs.get(job.as_str()) {
            Some((index, job)) if job.thresholds().contains_key(&alert) => {
                format!("jobs[{index}].thresholds.{alert}")
            }
            Some((index, _)) => format!("jobs[{index}].name"),
            None => "jobs".to_owned(),
        };
        self.finding(code, Some(alert), Some(job.clone()), &path, message, hint)
    }

    fn finding(
        &self,
        code: Code,
        alert: Option<AlertName>,
        job: Option<JobName>,
        path: &str,
        message: String,
        hint: &str,
    ) -> Finding {
        Finding {
            code,
            alert,
            job,
            location: self.places.place(path),
            message,
            expected: None,
            found: None,
            hint: hint.to_owned(),
            accepted: None,
        }
    }
}

#[cfg(test)]
mod tests;
