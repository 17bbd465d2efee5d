//! What the runtime and its metrics tell about the jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, RunStatus, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL, Metric};
use jobwatch_runtime::store::RunRecord;
use jobwatch_runtime::{Handle, JobStatus, Report, RequestError};
use prometheus::Registry;
use prometheus::proto::MetricFamily;

use super::table::{Last, Now, Row};

/// Looks at a runtime from time to time.
#[derive(Debug)]
pub(super) struct Watch {
    handle: Handle,
    registry: Registry,
    /// The latest run of each job that was told of.
    told: BTreeMap<JobName, u64>,
}

impl Watch {
    pub(super) fn new(handle: Handle, registry: Registry) -> Self {
        Self { handle, registry, told: BTreeMap::new() }
    }

    /// How things stand, and the runs that have ended since the last time, in the order in which
    /// they did.
    pub(super) async fn look(&mut self) -> Result<(Vec<Row>, Vec<RunRecord>), RequestError> {
        let jobs = self.handle.list().await?;
        let mut ended = Vec::new();
        for job in &jobs {
            let name = job.spec.name();
            let told = self.told.entry(name.clone()).or_default();
            let latest = job.last_run.as_ref().map_or(0, |record| record.id.token);
            if latest > *told {
                let history = self.handle.detail(name.as_str(), 0).await?.history;
                ended.extend(
                    history.into_iter().filter(|record| (*told + 1..=latest).contains(&record.id.token)),
                );
                *told = latest;
            }
        }
        ended.sort_by_key(|record| record.ended);
        // What is counted by now holds every run that was found.
        let counted = self.registry.gather();
        let now = Utc::now();
        Ok((jobs.iter().map(|job| row(job, &counted, now)).collect(), ended))
    }
}

fn row(status: &JobStatus, counted: &[MetricFamily], now: DateTime<Utc>) -> Row {
    let job = status.spec.name().as_str();
    let runs = |status: RunStatus| count(counted, &JOB_EXECUTION_TOTAL, job, status.as_str());
    let items = |status: ItemStatus| count(counted, &JOB_ITEMS_PROCESSED_TOTAL, job, status.as_str());
    let positive = |time: chrono::TimeDelta| time.to_std().unwrap_or(Duration::ZERO);
    Row {
        job: job.to_owned(),
        every: status.schedule.trim_start_matches("every ").to_owned(),
        now: match (&status.state.running, status.next_run) {
            (Some(lease), _) => Now::Running(positive(now - lease.since)),
            _ if status.disabled.is_some() => Now::Disabled,
            _ if status.state.paused => Now::Paused,
            (None, Some(next)) => Now::Next(positive(next - now)),
            (None, None) => Now::Unknown,
        },
        progress: status.progress,
        last: status.last_run.as_ref().map(|record| Last {
            outcome: record.outcome.clone(),
            took: positive(record.ended - record.since),
        }),
        runs: (runs(RunStatus::Success), runs(RunStatus::Failed)),
        items: Report {
            succeeded: items(ItemStatus::Success),
            failed: items(ItemStatus::Failed),
            skipped: items(ItemStatus::Skipped),
        },
        queue: status.queue_size,
    }
}

/// The value of a counter for a job and a status.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts whole things")]
fn count(counted: &[MetricFamily], metric: &Metric, job: &str, status: &str) -> u64 {
    let families = counted.iter().filter(|family| family.name() == metric.name);
    let mut samples = families.flat_map(MetricFamily::get_metric);
    let sample = samples.find(|sample| {
        let label = |name: &str| sample.get_label().iter().find(|label| label.name() == name);
        label(JOB_NAME).is_some_and(|label| label.value() == job)
            && label(STATUS).is_some_and(|label| label.value() == status)
    });
    sample.map_or(0, |sample| sample.get_counter().get_value() as u64)
}
