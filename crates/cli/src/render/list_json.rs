//! Jobs and alerts for programs.

use jobwatch_catalogue::JobSpec;
use jobwatch_observability::model::Alert;
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
    name: &'a str,
    severity: &'a str,
    threshold: String,
    for_seconds: u64,
    section: &'a str,
    jobs: Vec<&'a str>,
}

/// Returns the jobs and alerts.
pub(crate) fn list(jobs: Option<&[JobSpec]>, alerts: Option<&[Alert]>) -> Result<String, serde_json::Error> {
    let job = |job| -> WireJob<'_> {
        let job: &JobSpec = job;
        WireJob {
            name: job.name().as_str(),
            summary: job.summary(),
            schedule: job.schedule().to_string(),
            longest_interval_seconds: job.schedule().longest_gap().as_secs(),
            timeout_seconds: job.timeout().as_secs(),
            interval_variable: job.interval_variable(),
            items: job.items(),
            queue: job.queue(),
            enabled: job.enabled(),
        }
    };
    let alert = |alert| -> WireAlert<'_> {
        let alert: &Alert = alert;
        WireAlert {
            name: alert.name().as_str(),
            severity: alert.definition.severity.as_str(),
            threshold: sentence(alert),
            for_seconds: alert.hold,
            section: alert.definition.heading,
            jobs: alert.classes.iter().flat_map(|class| class.jobs.iter().map(AsRef::as_ref)).collect(),
        }
    };
    let list = WireList {
        jobs: jobs.map(|jobs| jobs.iter().map(job).collect()),
        alerts: alerts.map(|alerts| alerts.iter().map(alert).collect()),
    };
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}
