//! Puts a runtime together, and refuses what does not fit.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, Schedule};
use prometheus::Registry;
use tokio::sync::mpsc;

use crate::engine::core::{Core, Entry};
use crate::engine::queue::Counter;
use crate::engine::runtime::Runtime;
use crate::engine::settings::{Settings, SettingsError};
use crate::engine::variables::{self, SharedVariable};
use crate::job::LONGEST;
use crate::job::body::{AnyJob, Job};
use crate::job::middleware::Middleware;
use crate::job::outcome::JobError;
use crate::metrics::{Metrics, RegistrationError};
use crate::schedule::clock::{Clock, SystemClock};
use crate::store::{MemoryStore, Store};

/// A runtime on its way; [`RuntimeBuilder::build`] checks it.
#[allow(missing_debug_implementations, reason = "it holds bodies, which need not have one")]
pub struct RuntimeBuilder {
    catalogue: Catalogue,
    bodies: BTreeMap<String, Arc<dyn AnyJob>>,
    queues: BTreeMap<String, Counter>,
    overrides: BTreeMap<String, Override>,
    twice: Vec<String>,
    registry: Registry,
    store: Option<Arc<dyn Store>>,
    settings: Settings,
    middlewares: Vec<Arc<dyn Middleware>>,
    clock: Arc<dyn Clock>,
}

/// What differs from the catalogue for one job.
#[derive(Debug, Clone, Default)]
struct Override {
    schedule: Option<Schedule>,
    timeout: Option<Duration>,
    /// Why the job does not run, or that it does.
    disabled: Option<Option<String>>,
}

impl Override {
    /// Why a job does not run at all, if it does not.
    fn why_disabled(&self, job: &JobSpec) -> Option<String> {
        let in_catalogue = || (!job.enabled()).then(|| "the catalogue says so".to_owned());
        self.disabled.clone().unwrap_or_else(in_catalogue)
    }
}

/// A runtime that does not fit together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// What was given for the jobs is not what the catalogue says.
    #[error("the runtime does not fit its catalogue:\n{}", .0.iter().map(|problem| format!("- {problem}")).collect::<Vec<_>>().join("\n"))]
    Jobs(Vec<String>),
    /// Two jobs of the catalogue would be configured by the same environment variable.
    #[error("the catalogue cannot be run:\n{}", .0.iter().map(|variable| format!("- {variable}")).collect::<Vec<_>>().join("\n"))]
    Variables(Vec<SharedVariable>),
    /// The metrics cannot be registered.
    #[error(transparent)]
    Metrics(#[from] RegistrationError),
    /// A setting makes no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl Runtime {
    /// Starts a runtime of a catalogue's jobs.
    pub fn builder(catalogue: Catalogue) -> RuntimeBuilder {
        RuntimeBuilder::new(catalogue)
    }
}

impl RuntimeBuilder {
    pub(crate) fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            bodies: BTreeMap::new(),
            queues: BTreeMap::new(),
            overrides: BTreeMap::new(),
            twice: Vec::new(),
            registry: Registry::new(),
            store: None,
            settings: Settings::default(),
            middlewares: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Gives a job of the catalogue its body. Every job that is enabled needs one.
    #[must_use]
    pub fn job(mut self, name: &str, body: impl Job) -> Self {
        if self.bodies.insert(name.to_owned(), Arc::new(body)).is_some() {
            self.twice.push(name.to_owned());
        }
        self
    }

    /// Says how to count what waits in a job's queue. Every job that has a queue and is enabled
    /// needs this.
    #[must_use]
    pub fn queue<F, Fut>(mut self, name: &str, count: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<u64, JobError>> + Send + 'static,
    {
        self.queues.insert(name.to_owned(), Box::new(move || Box::pin(count())));
        self
    }

    /// Gives a job another schedule than the catalogue's.
    #[must_use]
    pub fn schedule(mut self, name: &str, schedule: Schedule) -> Self {
        self.overridden(name).schedule = Some(schedule);
        self
    }

    /// Lets a job run for another time than the catalogue says.
    #[must_use]
    pub fn timeout(mut self, name: &str, timeout: Duration) -> Self {
        self.overridden(name).timeout = Some(timeout);
        self
    }

    /// Enables or disables a job, whatever the catalogue says.
    #[must_use]
    pub fn enabled(mut self, name: &str, enabled: bool) -> Self {
        self.overridden(name).disabled = Some((!enabled).then(|| "the settings say so".to_owned()));
        self
    }

    /// Disables a job, and says why to whoever asks: what is missing for it, say.
    #[must_use]
    pub fn disabled(mut self, name: &str, why: impl Into<String>) -> Self {
        self.overridden(name).disabled = Some(Some(why.into()));
        self
    }

    /// Exposes the metrics on a registry of yours. Defaults to one that nobody sees.
    #[must_use]
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = registry.clone();
        self
    }

    /// Keeps what replicas know together in a store. Defaults to [`MemoryStore`]: one replica,
    /// which forgets everything when it ends.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets how the runtime goes about its work. Defaults to [`Settings::default`].
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Puts something around every attempt of every job. The first that is given is the outermost.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middlewares.push(Arc::new(middleware));
        self
    }

    /// Gives the runtime a clock of yours. Defaults to the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn overridden(&mut self, name: &str) -> &mut Override {
        self.overrides.entry(name.to_owned()).or_default()
    }

    /// Checks everything, and registers the metrics.
    ///
    /// # Errors
    ///
    /// [`BuildError`] names every job that has no body, and every body that has no job. A catalogue
    /// is refused if two of its jobs would be configured by the same environment variable.
    pub fn build(mut self) -> Result<Runtime, BuildError> {
        self.settings.check()?;
        let shared = variables::shared(&self.catalogue);
        if !shared.is_empty() {
            return Err(BuildError::Variables(shared));
        }
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(BuildError::Jobs(problems));
        }
        let metrics = Metrics::register(&self.catalogue, &self.registry)?;
        let mut entries = Vec::with_capacity(self.catalogue.jobs().len());
        let mut queues = Vec::new();
        for (index, job) in self.catalogue.jobs().iter().enumerate() {
            let name = job.name().as_str();
            // Registration made metrics for each job of this catalogue.
            let Some(metrics) = metrics.job(job.name()).cloned() else { continue };
            let special = self.overrides.remove(name).unwrap_or_default();
            let disabled = special.why_disabled(job);
            if let Some(counter) = self.queues.remove(name).filter(|_| disabled.is_none()) {
                queues.push((index, counter));
            }
            entries.push(Entry::new(
                self.bodies.remove(name),
                special.schedule.unwrap_or_else(|| job.schedule().clone()),
                special.timeout.unwrap_or(job.timeout()),
                disabled,
                metrics,
            ));
        }
        let (sender, messages) = mpsc::unbounded_channel();
        let clock = self.clock;
        let store = self.store.unwrap_or_else(|| Arc::new(MemoryStore::new(clock.clone())));
        let core = Core::new(self.catalogue, entries, store, self.settings, self.middlewares, clock, sender);
        Ok(Runtime { core: Arc::new(core), messages, queues })
    }

    fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            self.twice.iter().map(|name| format!("`{name}` is given a body twice")).collect();
        for job in self.catalogue.jobs() {
            let name = job.name().as_str();
            let special = self.overrides.get(name);
            if special.cloned().unwrap_or_default().why_disabled(job).is_some() {
                continue;
            }
            if !self.bodies.contains_key(name) {
                problems.push(format!("`{name}` has no body: add `.job(\"{name}\", …)`, or disable it"));
            }
            if job.queue().is_some() && !self.queues.contains_key(name) {
                problems
                    .push(format!("`{name}` has a queue that nothing counts: add `.queue(\"{name}\", …)`"));
            }
            if special.and_then(|special| special.timeout).is_some_and(|timeout| timeout.is_zero()) {
                problems.push(format!("`{name}` may not take any time: give it a timeout above zero"));
            }
            if special.and_then(|special| special.timeout).is_some_and(|timeout| timeout > LONGEST) {
                problems.push(format!("`{name}` may take too long: give it a timeout of at most a year"));
            }
        }
        let names: HashMap<&str, &JobSpec> =
            self.catalogue.jobs().iter().map(|job| (job.name().as_str(), job)).collect();
        let given = [
            ("a body", self.bodies.keys().collect::<Vec<_>>()),
            ("a queue", self.queues.keys().collect()),
            ("other settings", self.overrides.keys().collect()),
        ];
        for (what, given) in given {
            for name in given.into_iter().filter(|name| !names.contains_key(name.as_str())) {
                problems.push(format!(
                    "`{name}` is given {what}, and is not in the catalogue, which has {}",
                    known(&self.catalogue)
                ));
            }
        }
        for name in self.queues.keys() {
            let without_queue = names.get(name.as_str()).is_some_and(|job| job.queue().is_none());
            if without_queue {
                problems.push(format!("`{name}` has no queue in the catalogue: say there what waits in it"));
            }
        }
        problems
    }
}

/// The names of the jobs, as many as one reads.
fn known(catalogue: &Catalogue) -> String {
    const SHOWN: usize = 20;
    let jobs = catalogue.jobs();
    let mut names: Vec<&str> = jobs.iter().take(SHOWN).map(|job| job.name().as_str()).collect();
    if jobs.len() > SHOWN {
        names.push("…");
    }
    names.join(", ")
}
