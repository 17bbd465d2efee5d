//! What is exposed about each job: all series from the start, through handles that are looked up
//! once.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::{ItemStatus, RunStatus, SkipReason};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS,
    JOB_EXECUTION_SKIPPED_TOTAL, JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS,
    JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS, JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
    JOB_NEXT_DUE_TIMESTAMP_SECONDS, JOB_QUEUE_SIZE, JOB_SCHEDULE_INTERVAL_SECONDS,
    JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS, Metric, PROCESS_START_TIME_SECONDS,
};
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};
use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

use crate::job::outcome::Outcome;

/// The metrics of a catalogue's jobs.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    jobs: HashMap<JobName, JobMetrics>,
}

/// The metrics of one job.
///
/// A job without items has no item series and one without a queue no queue size; all others are
/// there from the start.
#[derive(Debug, Clone)]
pub(crate) struct JobMetrics {
    executions: [IntCounter; 2],
    duration: Histogram,
    last_success: Gauge,
    items: Option<[IntCounter; 3]>,
    queue_size: Option<IntGauge>,
    schedule_interval: Gauge,
    timeout: Gauge,
    first_scheduled: Gauge,
    next_due: Gauge,
    success_due: Gauge,
    in_progress_since: Gauge,
    consecutive_failures: IntGauge,
    skipped: [IntCounter; 4],
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
        let mut registration = Registration { registry, done: Vec::new() };
        let families = Families::register(&mut registration).inspect_err(|_| registration.undo())?;
        let jobs = catalogue.jobs().iter();
        Ok(Self { jobs: jobs.map(|job| (job.name().clone(), families.of(job))).collect() })
    }

    /// The metrics of a job, or nothing if the catalogue does not have it.
    pub(crate) fn job(&self, job: &JobName) -> Option<&JobMetrics> {
        self.jobs.get(job)
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
    /// Notes that a run has started.
    pub(crate) fn started(&self, at: DateTime<Utc>) {
        self.in_progress_since.set(timestamp(at));
    }

    /// Notes how a run ended and how long it took. A run that was interrupted is no execution: it
    /// leaves no trace but that it is over.
    pub(crate) fn ended(&self, outcome: &Outcome, took: Duration, at: DateTime<Utc>) {
        self.in_progress_since.set(0.0);
        if let (Some(report), Some(items)) = (outcome.report(), &self.items) {
            for (counter, number) in items.iter().zip([report.succeeded, report.failed, report.skipped]) {
                counter.inc_by(number);
            }
        }
        let Some(status) = outcome.status() else { return };
        self.duration.observe(took.as_secs_f64());
        match status {
            RunStatus::Success => {
                self.executions[0].inc();
                self.last_success.set(timestamp(at));
                self.consecutive_failures.set(0);
            }
            RunStatus::Failed => {
                self.executions[1].inc();
                self.consecutive_failures.inc();
            }
        }
    }

    /// Counts due times that did not become a run.
    pub(crate) fn skipped(&self, reason: SkipReason, number: u64) {
        if let Some(place) = SkipReason::ALL.iter().position(|known| *known == reason) {
            self.skipped[place].inc_by(number);
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
        self.first_scheduled.set(timestamp(first_scheduled));
        self.last_success.set(last_success.map_or(0.0, timestamp));
        self.consecutive_failures.set(consecutive_failures.into());
    }

    /// Notes the interval in force; nothing while the job is disabled.
    pub(crate) fn interval(&self, interval: Option<Duration>) {
        self.schedule_interval.set(interval.map_or(0.0, |interval| interval.as_secs_f64()));
    }

    /// Notes how long a run may take.
    pub(crate) fn timeout(&self, timeout: Duration) {
        self.timeout.set(timeout.as_secs_f64());
    }

    /// Notes the due time that no run was claimed for yet, and the one that a success is awaited
    /// for; nothing while the job is paused or disabled.
    pub(crate) fn due(&self, next: Option<DateTime<Utc>>, success: Option<DateTime<Utc>>) {
        self.next_due.set(next.map_or(0.0, timestamp));
        self.success_due.set(success.map_or(0.0, timestamp));
    }

    /// Notes how many items wait. Does nothing for a job without a queue.
    pub(crate) fn queue_size(&self, items: u64) {
        if let Some(queue_size) = &self.queue_size {
            queue_size.set(i64::try_from(items).unwrap_or(i64::MAX));
        }
    }
}

impl JobMetrics {
    /// How many items waited when they were last counted. Nothing for a job without a queue.
    pub(crate) fn last_queue_size(&self) -> Option<u64> {
        self.queue_size.as_ref().map(|size| u64::try_from(size.get()).unwrap_or(0))
    }
}

/// The thirteen families, from which each job's series are taken.
struct Families {
    executions: IntCounterVec,
    duration: HistogramVec,
    last_success: GaugeVec,
    items: IntCounterVec,
    queue_size: IntGaugeVec,
    schedule_interval: GaugeVec,
    timeout: GaugeVec,
    first_scheduled: GaugeVec,
    next_due: GaugeVec,
    success_due: GaugeVec,
    in_progress_since: GaugeVec,
    consecutive_failures: IntGaugeVec,
    skipped: IntCounterVec,
}

impl Families {
    fn register(registration: &mut Registration<'_>) -> Result<Self, RegistrationError> {
        let opts = |metric: &Metric| Opts::new(metric.name, metric.help);
        let buckets = |metric: &Metric| {
            HistogramOpts::new(metric.name, metric.help).buckets(DURATION_BUCKETS_SECONDS.to_vec())
        };
        let mut counters = |metric| registration.add(metric, |m| IntCounterVec::new(opts(m), m.labels));
        let executions = counters(&JOB_EXECUTION_TOTAL)?;
        let items = counters(&JOB_ITEMS_PROCESSED_TOTAL)?;
        let skipped = counters(&JOB_EXECUTION_SKIPPED_TOTAL)?;
        let mut gauges = |metric| registration.add(metric, |m| GaugeVec::new(opts(m), m.labels));
        let last_success = gauges(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS)?;
        let schedule_interval = gauges(&JOB_SCHEDULE_INTERVAL_SECONDS)?;
        let timeout = gauges(&JOB_TIMEOUT_SECONDS)?;
        let next_due = gauges(&JOB_NEXT_DUE_TIMESTAMP_SECONDS)?;
        let success_due = gauges(&JOB_SUCCESS_DUE_TIMESTAMP_SECONDS)?;
        let first_scheduled = gauges(&JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS)?;
        let in_progress_since = gauges(&JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS)?;
        let mut whole = |metric| registration.add(metric, |m| IntGaugeVec::new(opts(m), m.labels));
        let queue_size = whole(&JOB_QUEUE_SIZE)?;
        let consecutive_failures = whole(&JOB_CONSECUTIVE_FAILURES)?;
        let duration =
            registration.add(&JOB_EXECUTION_DURATION_SECONDS, |m| HistogramVec::new(buckets(m), m.labels))?;
        Ok(Self {
            executions,
            duration,
            last_success,
            items,
            queue_size,
            schedule_interval,
            timeout,
            first_scheduled,
            next_due,
            success_due,
            in_progress_since,
            consecutive_failures,
            skipped,
        })
    }

    fn of(&self, job: &JobSpec) -> JobMetrics {
        let name = job.name().as_str();
        let with = |counter: &IntCounterVec, value: &str| counter.with_label_values(&[name, value]);
        let metrics = JobMetrics {
            executions: RunStatus::ALL.map(|status| with(&self.executions, status.as_str())),
            duration: self.duration.with_label_values(&[name]),
            last_success: self.last_success.with_label_values(&[name]),
            items: job.items().map(|_| ItemStatus::ALL.map(|status| with(&self.items, status.as_str()))),
            queue_size: job.queue().map(|_| self.queue_size.with_label_values(&[name])),
            schedule_interval: self.schedule_interval.with_label_values(&[name]),
            timeout: self.timeout.with_label_values(&[name]),
            first_scheduled: self.first_scheduled.with_label_values(&[name]),
            next_due: self.next_due.with_label_values(&[name]),
            success_due: self.success_due.with_label_values(&[name]),
            in_progress_since: self.in_progress_since.with_label_values(&[name]),
            consecutive_failures: self.consecutive_failures.with_label_values(&[name]),
            skipped: SkipReason::ALL.map(|reason| with(&self.skipped, reason.as_str())),
        };
        metrics.interval(job.enabled().then(|| job.schedule().longest_gap()));
        metrics.timeout(job.timeout());
        metrics
    }
}

/// Registers families one by one, and takes back those it has when one is refused.
struct Registration<'r> {
    registry: &'r Registry,
    done: Vec<Box<dyn Collector>>,
}

impl Registration<'_> {
    fn add<C: Collector + Clone + 'static>(
        &mut self,
        metric: &'static Metric,
        make: impl FnOnce(&'static Metric) -> Result<C, prometheus::Error>,
    ) -> Result<C, RegistrationError> {
        let refused = |source| RegistrationError { metric: metric.name, source };
        let family = make(metric).map_err(refused)?;
        self.registry.register(Box::new(family.clone())).map_err(refused)?;
        self.done.push(Box::new(family.clone()));
        Ok(family)
    }

    fn undo(&mut self) {
        for family in self.done.drain(..) {
            // It was registered a moment ago, so the registry knows it.
            let _ = self.registry.unregister(family);
        }
    }
}

fn timestamp(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use prometheus::{Encoder, TextEncoder};

    use super::*;
    use crate::job::error::JobError;
    use crate::job::outcome::{Ended, Report};

    fn catalogue() -> Catalogue {
        let minute = Duration::from_secs(60);
        Catalogue::builder("test")
            .job(JobSpec::every("busy", minute).items("things").queue("things"))
            .job(JobSpec::every("idle", minute).enabled(false))
            .build()
            .unwrap()
    }

    /// What is exposed, but for the buckets.
    fn exposed(registry: &Registry) -> String {
        let mut text = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        text.lines().filter(|line| !line.contains("_bucket")).map(|line| format!("{line}\n")).collect()
    }

    /// The samples that are not zero.
    fn counted(registry: &Registry) -> String {
        let sample = |line: &&str| !line.starts_with('#') && !line.ends_with(" 0");
        exposed(registry).lines().filter(sample).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn every_series_is_there_from_the_start() {
        let registry = Registry::new();
        Metrics::register(&catalogue(), &registry).unwrap();
        assert_snapshot!(exposed(&registry));
    }

    #[test]
    fn a_run_is_counted_once_by_its_outcome() {
        let registry = Registry::new();
        let metrics = Metrics::register(&catalogue(), &registry).unwrap();
        let busy = metrics.job(&JobName::new("busy").unwrap()).unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let second = Duration::from_secs(1);
        let failed = Outcome::of(Ended::Returned(Err(JobError::permanent("no"))), None);
        busy.restore(at(1_000), Some(at(2_000)), 4);
        busy.started(at(3_000));
        busy.ended(&failed, second, at(3_001));
        assert_snapshot!(counted(&registry), @r#"
        job_consecutive_failures{job_name="busy"} 5
        job_execution_duration_seconds_sum{job_name="busy"} 1
        job_execution_duration_seconds_count{job_name="busy"} 1
        job_execution_total{job_name="busy",status="failed"} 1
        job_first_scheduled_timestamp_seconds{job_name="busy"} 1000
        job_last_success_timestamp_seconds{job_name="busy"} 2000
        job_schedule_interval_seconds{job_name="busy"} 60
        job_timeout_seconds{job_name="busy"} 900
        job_timeout_seconds{job_name="idle"} 900
        "#);
        let report = Report { succeeded: 7, failed: 2, skipped: 1 };
        busy.ended(&Outcome::of(Ended::Returned(Ok(report)), None), second, at(4_000));
        busy.ended(&Outcome::of(Ended::Dropped, None), second, at(5_000));
        busy.skipped(SkipReason::Missed, 3);
        busy.queue_size(12);
        assert_snapshot!(counted(&registry), @r#"
        job_execution_duration_seconds_sum{job_name="busy"} 2
        job_execution_duration_seconds_count{job_name="busy"} 2
        job_execution_skipped_total{job_name="busy",reason="missed"} 3
        job_execution_total{job_name="busy",status="failed"} 1
        job_execution_total{job_name="busy",status="success"} 1
        job_first_scheduled_timestamp_seconds{job_name="busy"} 1000
        job_items_processed_total{job_name="busy",status="failed"} 2
        job_items_processed_total{job_name="busy",status="skipped"} 1
        job_items_processed_total{job_name="busy",status="success"} 7
        job_last_success_timestamp_seconds{job_name="busy"} 4000
        job_queue_size{job_name="busy"} 12
        job_schedule_interval_seconds{job_name="busy"} 60
        job_timeout_seconds{job_name="busy"} 900
        job_timeout_seconds{job_name="idle"} 900
        "#);
    }

    #[test]
    fn a_registry_that_has_a_metric_already_is_left_as_it_was() {
        let registry = Registry::new();
        let theirs = IntGauge::new(JOB_QUEUE_SIZE.name, "theirs").unwrap();
        registry.register(Box::new(theirs)).unwrap();
        let error = Metrics::register(&catalogue(), &registry).unwrap_err();
        assert_eq!(error.metric, JOB_QUEUE_SIZE.name);
        assert_eq!(registry.gather().len(), 1);
    }
}
