//! A stage for one process or several: a clock, a store, and what is exposed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::testing::FaultyStore;
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{
    Handle, JobError, Report, RunContext, Runtime, RuntimeBuilder, Settings, ShutdownReport,
};
use prometheus::Registry;
use tokio::task::JoinHandle;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// A clock, and a store that several processes may share.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) store: FaultyStore<MemoryStore>,
}

/// A process that runs jobs.
pub(crate) struct Process {
    pub(crate) handle: Handle,
    pub(crate) registry: Registry,
    task: JoinHandle<ShutdownReport>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let midnight: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
        let clock = Arc::new(VirtualClock::at(midnight));
        Self { store: FaultyStore::new(MemoryStore::new(clock.clone())), clock }
    }

    /// A runtime on its way, with nothing but this scene's clock and store, and without a delay at
    /// its start.
    pub(crate) fn builder(
        &self,
        jobs: impl IntoIterator<Item = jobwatch_catalogue::JobDraft>,
    ) -> RuntimeBuilder {
        let catalogue =
            jobs.into_iter().fold(Catalogue::builder("test"), |catalogue, job| catalogue.job(job));
        Runtime::builder(catalogue.build().unwrap())
            .clock(self.clock.clone())
            .store(self.store.clone())
            .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
    }

    /// A process that runs one job, called `job`, every minute.
    pub(crate) fn minutely<F, Fut>(&self, body: F) -> Process
    where
        F: Fn(RunContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Report, JobError>> + Send + 'static,
    {
        start(self.builder([JobSpec::every("job", MINUTE).timeout(10 * MINUTE)]).job("job", body))
    }

    /// The time of day, as `10:05:00`.
    pub(crate) fn time(&self) -> String {
        self.clock.now().format("%H:%M:%S").to_string()
    }
}

/// Starts a process.
pub(crate) fn start(builder: RuntimeBuilder) -> Process {
    let registry = Registry::new();
    let runtime = builder.registry(&registry).build().unwrap();
    let handle = runtime.handle();
    Process { handle, registry, task: tokio::spawn(runtime.run_until(std::future::pending())) }
}

impl Process {
    /// What is exposed about jobs and is not zero, without what never changes: one line each, as
    /// `job success 3`.
    pub(crate) fn counts(&self) -> String {
        let mut counts = BTreeMap::new();
        for family in self.registry.gather() {
            let name = family.name();
            if !name.ends_with("_total") && name != "job_consecutive_failures" {
                continue;
            }
            let short = match name {
                "job_execution_total" | "job_execution_skipped_total" => "",
                "job_items_processed_total" => "items ",
                _ => "failures in a row ",
            };
            for metric in family.get_metric() {
                let value = metric.get_counter().get_value().max(metric.get_gauge().get_value());
                let label = |name: &str| metric.get_label().iter().find(|label| label.name() == name);
                let what = label("status").or(label("reason")).map_or("", |label| label.value());
                let job = label("job_name").unwrap().value();
                if value != 0.0 {
                    counts.insert(format!("{job} {short}{what}").trim_end().to_owned(), value);
                }
            }
        }
        counts.iter().map(|(what, value)| format!("{what} {value}\n")).collect()
    }

    /// The value of a gauge of the only job.
    pub(crate) fn gauge(&self, name: &str) -> f64 {
        let families = self.registry.gather();
        families.iter().find(|family| family.name() == name).unwrap().get_metric()[0].get_gauge().get_value()
    }

    /// Shuts down gracefully.
    pub(crate) async fn shut_down(self) -> ShutdownReport {
        self.handle.shutdown();
        self.task.await.unwrap()
    }

    /// Dies: nothing is given back, and nothing goes on.
    pub(crate) async fn die(self) {
        self.task.abort();
        self.handle.abort();
        let _ = self.task.await;
    }

    /// Leaves at once, as after a second signal.
    pub(crate) async fn abort(self) -> ShutdownReport {
        self.handle.abort();
        self.task.await.unwrap()
    }
}

/// What bodies write down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// What was written since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

pub(crate) async fn pass(time: Duration) {
    // Whatever is due at the very end is done, too.
    tokio::time::sleep(time + Duration::from_millis(1)).await;
}

pub(crate) fn ok() -> Result<Report, JobError> {
    Ok(Report::items(1))
}
