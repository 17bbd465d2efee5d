//! Jobs and alerts for programs.

use jobwatch_observability::Model;
use jobwatch_observability::runbook::sentence;
use serde::Serialize;

#[derive(Serialize)]
struct WireList<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs: Option<Vec<WireJob<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<Vec<WireAlert<'a>>>,
}

#[derive(Serialize)]
struct WireJob<'a> {
    catalogue: &'a str,
    name: &'a str,
    summary: &'a str,
    schedule: String,
    longest_interval_seconds: u64,
    timeout_seconds: u64,
    interval_variable: &'a str,
    items: Option<&'a str>,
    queue: Option<&'a str>,
    enabled: bool,
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
    };
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

fn jobs<'a>(model: &'a Model<'_>) -> impl Iterator<Item = WireJob<'a>> {
    let catalogue = model.catalogue();
    catalogue.jobs().iter().map(|job| WireJob {
        catalogue: catalogue.name(),
        name: job.name().as_str(),
        summary: job.summary(),
        schedule: job.schedule().to_string(),
        longest_interval_seconds: job.schedule().longest_gap().as_secs(),
        timeout_seconds: job.timeout().as_secs(),
        interval_variable: job.interval_variable(),
        items: job.items(),
        queue: job.queue(),
        enabled: job.enabled(),
    })
}

fn alerts<'a>(model: &'a Model<'_>) -> impl Iterator<Item = WireAlert<'a>> {
    model.alerts().iter().map(|alert| WireAlert {
        catalogue: model.catalogue().name(),
        name: alert.name().as_str(),
        severity: alert.definition.severity.as_str(),
        threshold: sentence(alert),
        for_seconds: alert.hold,
        section: alert.definition.heading,
        jobs: alert.classes.iter().flat_map(|class| class.jobs.iter().map(AsRef::as_ref)).collect(),
    })
}
