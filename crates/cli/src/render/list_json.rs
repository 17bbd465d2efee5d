//! Jobs and alerts for programs.

use std::collections::BTreeMap;

use jobwatch_catalogue::JobName;
use jobwatch_observability::Model;
use jobwatch_observability::runbook::sentence;
use serde::Serialize;

use super::error_json::{self, WireError};
use super::reason::Reason;

#[derive(Serialize)]
struct WireList<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs: Option<Vec<WireJob<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<Vec<WireAlert<'a>>>,
    /// Why they could not be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireJob<'a> {
    catalogue: &'a str,
    name: &'a str,
    summary: &'a str,
    schedule: String,
    longest_interval_seconds: u64,
    shortest_interval_seconds: u64,
    timeout_seconds: u64,
    has_default_timeout: bool,
    interval_variable: &'a str,
    items: Option<&'a str>,
    queue: Option<&'a str>,
    enabled: bool,
    owner: Option<&'a str>,
    grouping_labels: Vec<&'a str>,
    labels: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct WireAlert<'a> {
    catalogue: &'a str,
    name: &'a str,
    severity: &'a str,
    threshold: String,
    for_seconds: u64,
    section: &'a str,
    jobs: Vec<&'a str>,
    /// The jobs with another severity, by that.
    severities: BTreeMap<&'a str, Vec<&'a str>>,
    off: bool,
    off_for: Vec<&'a str>,
}

/// What is to be listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) jobs: bool,
    pub(crate) alerts: bool,
}

/// Returns the jobs and alerts of some catalogues as one object.
pub(crate) fn list(models: &[Model<'_>], wanted: Wanted) -> Result<String, serde_json::Error> {
    let list = WireList {
        jobs: wanted.jobs.then(|| models.iter().flat_map(jobs).collect()),
        alerts: wanted.alerts.then(|| models.iter().flat_map(alerts).collect()),
        errors: Vec::new(),
    };
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// Returns an object with empty lists that says why there is nothing in them.
pub(crate) fn failed(wanted: Wanted, reasons: &[Reason<'_>]) -> Result<String, serde_json::Error> {
    let list = WireList {
        jobs: wanted.jobs.then(Vec::new),
        alerts: wanted.alerts.then(Vec::new),
        errors: error_json::errors(reasons),
    };
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

fn names(jobs: &[JobName]) -> Vec<&str> {
    jobs.iter().map(JobName::as_str).collect()
}

fn jobs<'a>(model: &'a Model<'_>) -> impl Iterator<Item = WireJob<'a>> {
    let catalogue = model.catalogue();
    catalogue.jobs().iter().map(|job| WireJob {
        catalogue: catalogue.name(),
        name: job.name().as_str(),
        summary: job.summary(),
        schedule: job.schedule().to_string(),
        longest_interval_seconds: job.schedule().longest_gap().as_secs(),
        shortest_interval_seconds: job.schedule().shortest_gap().as_secs(),
        timeout_seconds: job.timeout().as_secs(),
        has_default_timeout: job.has_default_timeout(),
        interval_variable: job.interval_variable(),
        items: job.items(),
        queue: job.queue(),
        enabled: job.enabled(),
        owner: catalogue.owner_of(job),
        grouping_labels: catalogue.grouping_labels_of(job).collect(),
        labels: catalogue.labels_of(job),
    })
}

fn alerts<'a>(model: &'a Model<'_>) -> impl Iterator<Item = WireAlert<'a>> {
    model.alerts().iter().map(|alert| WireAlert {
        catalogue: model.catalogue().name(),
        name: alert.name().as_str(),
        severity: alert.severity.as_str(),
        threshold: sentence(alert),
        for_seconds: alert.hold,
        section: alert.definition.heading,
        jobs: alert.classes.iter().flat_map(|class| class.jobs.iter().map(AsRef::as_ref)).collect(),
        severities: alert.severities().iter().map(|(of, jobs)| (of.as_str(), names(jobs))).collect(),
        off: alert.is_off,
        off_for: names(&alert.off),
    })
}
