//! Alerts whose threshold is out of reach of every job, or of one that has a threshold of its own.

use jobwatch_catalogue::{JobName, JobSpec};

use crate::definition::OutOfReach;
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::model::Alert;
use crate::quantity::Quantity;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "alert-never-fires",
        level: Level::Warning,
        summary: "No job of the catalogue can ever make the alert fire.",
        explanation: include_str!("../explanations/alert-never-fires.md"),
    },
    run,
};

const HINT: &str =
    "lower the threshold, or suppress the finding in the catalogue with the reason why it may stay";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    subject.model.alerts().iter().flat_map(|alert| of_alert(subject, alert)).collect()
}

/// A job that cannot reach its threshold.
struct Short<'a> {
    job: &'a JobSpec,
    threshold: Quantity,
    limit: OutOfReach,
}

fn of_alert(subject: &Subject<'_>, alert: &Alert) -> Vec<Finding> {
    let mut short: Vec<Short<'_>> = Vec::new();
    for class in &alert.classes {
        let Some(&threshold) = class.parameters.first() else { continue };
        let jobs = class.jobs.iter().filter_map(|name| subject.job(name));
        let limit =
            |job| Some(Short { job, threshold, limit: (alert.definition.out_of_reach)(threshold, job)? });
        short.extend(jobs.filter_map(limit));
    }
    let watched = alert.watched();
    if !short.is_empty() && short.len() == watched {
        // The job that comes nearest tells how far the threshold is out of reach.
        let nearest = short.iter().max_by_key(|short| short.limit.highest);
        return nearest
            .map(|short| {
                let even = if watched > 1 { "even " } else { "" };
                let message = format!(
                    "{} cannot fire: it takes {}, and {even}{}",
                    alert.name(),
                    takes(alert, short.threshold),
                    says(short)
                );
                subject.about_alert(LINT.code, alert.name(), message, HINT)
            })
            .into_iter()
            .collect();
    }
    // A job that merely never reaches a threshold meant for all is no mistake; one with its own is.
    let sets_its_own = |job: &JobSpec| job.thresholds().contains_key(alert.name().as_str());
    let mistaken = short.into_iter().filter(|short| sets_its_own(short.job));
    mistaken.map(|short| of_job(subject, alert, short.job.name(), &short)).collect()
}

fn of_job(subject: &Subject<'_>, alert: &Alert, job: &JobName, short: &Short<'_>) -> Finding {
    let message = format!(
        "{} cannot fire for {job}: it takes {}, and {}",
        alert.name(),
        takes(alert, short.threshold),
        says(short)
    );
    subject.about_job(LINT.code, alert.name(), job, message, HINT)
}

fn says(short: &Short<'_>) -> String {
    format!("{} {}", short.job.name(), short.limit.because)
}

fn takes(alert: &Alert, threshold: Quantity) -> String {
    let Some(parameter) = alert.definition.parameters.first() else { return String::new() };
    let number = match threshold {
        Quantity::PerSecond(_) => threshold.to_promql(),
        threshold => threshold.to_string(),
    };
    alert.definition.takes.replace(&format!("{{{}}}", parameter.key), &number)
}
