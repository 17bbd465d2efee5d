//! Windows shorter than a job's interval.
//!
//! A rate over one holds no execution most of the time. A queue that is compared with itself so
//! short a time ago grows until the job is due again.

use jobwatch_catalogue::JobSpec;

use super::windows::{self, Readers};
use crate::definition::Earlier;
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::model::Alert;
use crate::quantity::Quantity;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "window-too-short",
        level: Level::Warning,
        summary: "An expression looks back over less time than one interval of the job.",
        explanation: include_str!("../explanations/window-too-short.md"),
    },
    run,
};

const HINT: &str =
    "record the series over the windows of `Scope::by_window`, which follow from each job's interval";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = rates(subject);
    findings.extend(growth(subject));
    findings
}

/// Rates over less than an interval hold nothing most of the time. What is due more rarely than
/// Prometheus remembers is another finding.
fn rates(subject: &Subject<'_>) -> Vec<Finding> {
    let retention = subject.model.catalogue().retention().as_secs();
    let interval = |job: &JobSpec| job.schedule().shortest_gap().as_secs().min(retention);
    let mut readers = Readers::new(subject.model);
    let short = windows::of_jobs(subject).into_iter().filter(|(job, of)| of.shortest.seconds < interval(job));
    short
        .map(|(job, of)| {
            let message = format!(
                "the rules look back over {} at {}, which is due every {}",
                Quantity::Duration(of.shortest.seconds),
                job.name(),
                Quantity::Duration(interval(job))
            );
            let alert = readers.first(of.shortest.series, job);
            subject.about_job(LINT.code, alert, job.name(), message, HINT)
        })
        .collect()
}

/// What is compared with an earlier value of its own changes until the job has been due again.
fn growth(subject: &Subject<'_>) -> Vec<Finding> {
    let alerts = subject.model.alerts().iter();
    let compared = alerts.filter_map(|alert| Some((alert, alert.definition.earlier?)));
    compared.flat_map(|(alert, earlier)| growth_of(subject, alert, earlier)).collect()
}

fn growth_of(subject: &Subject<'_>, alert: &Alert, earlier: Earlier) -> Vec<Finding> {
    let jobs = alert.classes.iter().flat_map(|class| &class.jobs).filter_map(|name| subject.job(name));
    let interval = |job: &JobSpec| job.schedule().longest_gap().as_secs();
    let ago = |job: &JobSpec| match alert.of_job(job.name(), earlier.ago) {
        Some(Quantity::Duration(ago)) => Some(ago),
        _ => None,
    };
    jobs.filter_map(|job| Some((job, ago(job)?)))
        .filter(|(job, ago)| *ago < interval(job))
        .map(|(job, ago)| {
            let (name, interval) = (job.name(), Quantity::Duration(interval(job)));
            let message = format!(
                "{} compares {of} of {name} with that of {} ago, and the job is due every {interval}: {of} \
                 grows until then though nothing is wrong",
                alert.name(),
                Quantity::Duration(ago),
                of = earlier.of
            );
            subject.about_job(LINT.code, alert.name(), name, message, &hint(alert, earlier, interval))
        })
        .collect()
}

fn hint(alert: &Alert, earlier: Earlier, interval: Quantity) -> String {
    let threshold = alert.definition.parameters.first().filter(|parameter| parameter.key != earlier.ago);
    let higher = threshold.map(|parameter| format!("a higher `{}` for the job and ", parameter.key));
    format!(
        "set `{}: {interval}` or more for {} in the catalogue's `alerts`, or {}suppress the finding",
        earlier.ago,
        alert.name(),
        higher.unwrap_or_default()
    )
}
