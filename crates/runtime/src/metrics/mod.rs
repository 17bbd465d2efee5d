//! What is exposed about each job: all series from the start, each job's numbers in one place.

mod block;
mod family;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::{RunStatus, SkipReason};
use jobwatch_catalogue::metric::PROCESS_START_TIME_SECONDS;
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};
use prometheus::{Gauge, Registry};

use crate::job::outcome::Outcome;
use crate::metrics::block::Block;
use crate::metrics::family::Family;

/// The metrics of a catalogue's jobs.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    /// Ordered by name.
    blocks: Arc<[Block]>,
}

/// The metrics of one job.
///
/// A job without items has no item series and one without a queue no queue size; all others are
/// there from the start.
#[derive(Debug, Clone)]
pub(crate) struct JobMetrics {
    blocks: Arc<[Block]>,
    place: usize,
}

/// The metrics could not be registered.
#[derive(Debug, thiserror::Error)]
#[error("cannot register the metric {metric}: {source}; use a registry that does not hold it yet")]
pub struct RegistrationError {
    /// The name of the metric.
    pub metric: &'static str,
    /// What the registry says.
    pub source: prometheus::Error,
}

impl Metrics {
    /// Registers the thirteen metrics and creates every series of every job at zero, so that the
    /// first event of each counts.
    ///
    /// The schedule's interval is exposed at once, as 0 for a disabled job: rules then know that
    /// nothing is late. So is the timeout.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] if the registry already holds a metric of one of the names. Nothing is
    /// then registered.
    pub(crate) fn register(catalogue: &Catalogue, registry: &Registry) -> Result<Self, RegistrationError> {
        let mut jobs: Vec<&JobSpec> = catalogue.jobs().iter().collect();
        jobs.sort_unstable_by_key(|job| job.name());
        let block =
            |job: &&JobSpec| Block::new(job.name().clone(), job.items().is_some(), job.queue().is_some());
        let metrics = Self { blocks: jobs.iter().map(block).collect() };
        metrics.expose(registry)?;
        for (place, job) in jobs.into_iter().enumerate() {
            let metrics = JobMetrics { blocks: metrics.blocks.clone(), place };
            metrics.interval(job.enabled().then(|| job.schedule().longest_gap()));
            metrics.timeout(job.timeout());
        }
        Ok(metrics)
    }

    /// Registers families one by one, and takes back those it has when one is refused.
    fn expose(&self, registry: &Registry) -> Result<(), RegistrationError> {
        let mut done: Vec<Family> = Vec::new();
        for (metric, family) in Family::all(&self.blocks) {
            let registered = family.and_then(|family| {
                registry.register(Box::new(family.clone()))?;
                done.push(family);
                Ok(())
            });
            if let Err(source) = registered {
                for family in done {
                    // It was registered a moment ago, so the registry knows it.
                    let _ = registry.unregister(Box::new(family));
                }
                return Err(RegistrationError { metric: metric.name, source });
            }
        }
        Ok(())
    }

    /// The metrics of a job, or nothing if the catalogue does not have it.
    pub(crate) fn job(&self, job: &JobName) -> Option<JobMetrics> {
        let place = self.blocks.binary_search_by(|block| block.job.cmp(job)).ok()?;
        Some(JobMetrics { blocks: self.blocks.clone(), place })
    }
}

/// Exposes when the process started, as Prometheus' client libraries do, so that dashboards can
/// mark it: for a service that has no collector of such things. It is taken to be now.
///
/// # Errors
///
/// [`RegistrationError`] if the registry already holds a metric of that name.
pub fn register_process_start(registry: &Registry) -> Result<(), RegistrationError> {
    let metric = PROCESS_START_TIME_SECONDS;
    let help = "Start time of the process, in seconds since the epoch.";
    let registered = Gauge::new(metric, help).and_then(|start| {
        start.set(timestamp(Utc::now()));
        registry.register(Box::new(start))
    });
    registered.map_err(|source| RegistrationError { metric, source })
}

impl JobMetrics {
    fn block(&self) -> &Block {
        &self.blocks[self.place]
    }

    /// Notes that a run has started.
    pub(crate) fn started(&self, at: DateTime<Utc>) {
        self.block().in_progress_since.set(timestamp(at));
    }

    /// Notes how a run ended and how long it took. A run that was interrupted is no execution: it
    /// leaves no trace but that it is over.
    pub(crate) fn ended(&self, outcome: &Outcome, took: Duration, at: DateTime<Utc>) {
        let job = self.block();
        job.in_progress_since.set(0.0);
        if let Some(report) = outcome.report().filter(|_| job.has_items) {
            for (count, number) in job.items.iter().zip([report.succeeded, report.failed, report.skipped]) {
                count.add(number);
            }
        }
        let Some(status) = outcome.status() else { return };
        job.duration.observe(took.as_secs_f64());
        match status {
            RunStatus::Success => {
                job.executions[0].add(1);
                job.last_success.set(timestamp(at));
                job.consecutive_failures.store(0, Ordering::Relaxed);
            }
            RunStatus::Failed => {
                job.executions[1].add(1);
                job.consecutive_failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Counts due times that did not become a run.
    pub(crate) fn skipped(&self, reason: SkipReason, number: u64) {
        if let Some(place) = SkipReason::ALL.iter().position(|known| *known == reason) {
            self.block().skipped[place].add(number);
        }
    }

    /// Takes over what the store knows: from before a restart, from another replica that ran the
    /// job last, or once a run is recorded, because its clock counts.
    pub(crate) fn restore(
        &self,
        first_scheduled: DateTime<Utc>,
        last_success: Option<DateTime<Utc>>,
        consecutive_failures: u32,
    ) {
        let job = self.block();
        job.first_scheduled.set(timestamp(first_scheduled));
        job.last_success.set(last_success.map_or(0.0, timestamp));
        job.consecutive_failures.store(consecutive_failures, Ordering::Relaxed);
    }

    /// Notes the interval in force; nothing while the job is disabled.
    pub(crate) fn interval(&self, interval: Option<Duration>) {
        self.block().schedule_interval.set(interval.map_or(0.0, |interval| interval.as_secs_f64()));
    }

    /// Notes how long a run may take.
    pub(crate) fn timeout(&self, timeout: Duration) {
        self.block().timeout.set(timeout.as_secs_f64());
    }

    /// Notes the due time that no run was claimed for yet, and the one that a success is awaited
    /// for; nothing while the job is paused or disabled.
    pub(crate) fn due(&self, next: Option<DateTime<Utc>>, success: Option<DateTime<Utc>>) {
        let job = self.block();
        job.next_due.set(next.map_or(0.0, timestamp));
        job.success_due.set(success.map_or(0.0, timestamp));
    }

    /// Notes how many items wait. Of a job without a queue nobody is told.
    pub(crate) fn queue_size(&self, items: u64) {
        self.block().queue_size.set(items);
    }

    /// How many items waited when they were last counted. Nothing for a job without a queue.
    pub(crate) fn last_queue_size(&self) -> Option<u64> {
        let job = self.block();
        job.has_queue.then(|| job.queue_size.get())
    }
}

fn timestamp(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1_000.0
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
