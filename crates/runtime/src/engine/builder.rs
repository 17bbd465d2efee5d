//! Puts a runtime together, and refuses what does not fit.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jobwatch_catalogue::{AdditionError, Catalogue, CatalogueBuilder, JobDraft, JobSpec};
use prometheus::Registry;
use tokio::sync::mpsc;

use crate::engine::core::Core;
use crate::engine::entry::Entry;
use crate::engine::runtime::Runtime;
use crate::engine::settings::{Settings, SettingsError};
use crate::engine::variables::{self, SharedVariable};
use crate::job::LONGEST;
use crate::job::middleware::Middleware;
use crate::job::policy::Policy;
use crate::job::registration::{IntoJob, Job, JobSource, Source};
use crate::metrics::{Metrics, RegistrationError};
use crate::schedule::clock::{Clock, SystemClock};
use crate::store::{MemoryStore, Store};

/// A runtime on its way; [`RuntimeBuilder::build`] checks it. `S` is the state that bodies are
/// given.
#[allow(missing_debug_implementations, reason = "it holds bodies, which need not have one")]
pub struct RuntimeBuilder<S = ()> {
    jobs: Jobs,
    /// The jobs that are given with all that belongs to them.
    drafts: Vec<JobDraft>,
    state: Arc<S>,
    given: Vec<(String, Job)>,
    registry: Registry,
    store: Option<Arc<dyn Store>>,
    settings: Settings,
    middlewares: Vec<Arc<dyn Middleware>>,
    clock: Arc<dyn Clock>,
}

/// The jobs that a runtime is for: a [`Catalogue`], as from a file of YAML, one on its way, or the
/// name of a service whose jobs are given one by one. [`RuntimeBuilder::job`] adds to each.
#[derive(Debug, Clone)]
pub struct Jobs(Whose);

#[derive(Debug, Clone)]
enum Whose {
    Catalogue(Box<Catalogue>),
    /// A catalogue on its way, which may have no job yet.
    Service(Box<CatalogueBuilder>),
}

impl Jobs {
    /// The catalogue of these jobs and of those that are given one by one.
    fn with(self, drafts: Vec<JobDraft>) -> Result<Catalogue, AdditionError> {
        match self.0 {
            Whose::Catalogue(catalogue) => catalogue.with_jobs(drafts),
            // A job that it has is not another of the same name when it is given a body.
            Whose::Service(builder) if builder.has_jobs() => builder.build()?.with_jobs(drafts),
            Whose::Service(builder) => {
                Ok(drafts.into_iter().fold(*builder, CatalogueBuilder::job).build()?)
            }
        }
    }
}

impl From<Catalogue> for Jobs {
    fn from(catalogue: Catalogue) -> Self {
        Self(Whose::Catalogue(Box::new(catalogue)))
    }
}

impl From<CatalogueBuilder> for Jobs {
    fn from(builder: CatalogueBuilder) -> Self {
        Self(Whose::Service(Box::new(builder)))
    }
}

impl From<&str> for Jobs {
    fn from(service: &str) -> Self {
        Catalogue::builder(service).into()
    }
}

/// A runtime that does not fit together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The jobs that were given one by one make no catalogue, or say something else than the
    /// catalogue about jobs that it has.
    #[error(transparent)]
    Catalogue(#[from] AdditionError),
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
    /// Starts a runtime: of a catalogue's jobs, or of a service's, by the name of the service.
    /// [`RuntimeBuilder::job`] gives the catalogue's jobs their bodies, and adds further ones.
    pub fn builder(jobs: impl Into<Jobs>) -> RuntimeBuilder {
        RuntimeBuilder {
            jobs: jobs.into(),
            drafts: Vec::new(),
            state: Arc::new(()),
            given: Vec::new(),
            registry: Registry::new(),
            store: None,
            settings: Settings::default(),
            middlewares: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl RuntimeBuilder {
    /// Gives the bodies of all jobs that are given after this a state: what they share, such as a
    /// pool of connections. Each run gets a clone of it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_runtime::{JobError, JobSpec, RunContext, Runtime};
    ///
    /// #[derive(Clone)]
    /// struct Shop {
    ///     name: &'static str,
    /// }
    ///
    /// async fn greet(shop: Shop, run: RunContext) -> Result<(), JobError> {
    ///     println!("{}: {} at {}", run.id(), shop.name, run.due().is_some());
    ///     Ok(())
    /// }
    ///
    /// let runtime = Runtime::builder("shop")
    ///     .state(Shop { name: "Corner Shop" })
    ///     .job(JobSpec::every("greet", Duration::from_secs(60)), greet)
    ///     .build()?;
    /// # Ok::<(), jobwatch_runtime::BuildError>(())
    /// ```
    #[must_use]
    pub fn state<S: Clone + Send + Sync + 'static>(self, state: S) -> RuntimeBuilder<S> {
        let Self { jobs, drafts, given, registry, store, settings, middlewares, clock, .. } = self;
        let state = Arc::new(state);
        RuntimeBuilder { jobs, drafts, state, given, registry, store, settings, middlewares, clock }
    }
}

impl<S: Send + Sync + 'static> RuntimeBuilder<S> {
    /// Adds a job: when it is due, and what it does. Every job that is enabled needs a body.
    ///
    /// The first is a [`JobDraft`], or the name of a job of the catalogue that the runtime has.
    /// What that catalogue lacks is added to it, so that metrics, schedule, the admin API and
    /// [`Runtime::catalogue`] have it, too. A draft of a job that it has may leave out anything but
    /// the schedule, and has to say the same in the rest: [`RuntimeBuilder::build`] refuses
    /// what differs.
    ///
    /// The second is an `async fn(RunContext)` or an `async fn(S, RunContext)`, or a [`Job`] where
    /// there is more to say.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_runtime::{Catalogue, JobSpec, RunContext, Runtime};
    ///
    /// let minute = Duration::from_secs(60);
    /// // As from a file of YAML.
    /// let send_mails = JobSpec::every("send_mails", minute);
    /// let catalogue = Catalogue::builder("shop").job(send_mails).build()?;
    ///
    /// let runtime = Runtime::builder(catalogue.clone())
    ///     .job("send_mails", async |_: RunContext| {})
    ///     .job(JobSpec::cron("clean_up", "0 3 * * *", "UTC"), async |_: RunContext| {})
    ///     .build()?;
    /// assert_eq!(runtime.catalogue().jobs().len(), 2);
    ///
    /// let differs = Runtime::builder(catalogue)
    ///     .job(JobSpec::every("send_mails", 5 * minute), async |_: RunContext| {});
    /// let refused = differs.build().err().map(|error| error.to_string()).unwrap_or_default();
    /// assert!(refused.contains("`every 1m` in the catalogue, `every 5m` in code"), "{refused}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn job<Args>(mut self, job: impl Into<JobSource>, body: impl IntoJob<S, Args>) -> Self {
        let name = match job.into().0 {
            Source::Named(name) => name,
            Source::New(draft) => {
                let name = draft.name().to_owned();
                self.drafts.push(*draft);
                name
            }
        };
        self.given.push((name, body.into_job().bound(self.state.clone())));
        self
    }

    /// Adds several jobs, such as those of [`crate::job_names`].
    #[must_use]
    pub fn jobs<N: Into<JobSource>>(self, jobs: impl IntoIterator<Item = (N, Job<S>)>) -> Self {
        jobs.into_iter().fold(self, |builder, (name, job)| builder.job(name, job))
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

    /// Checks everything, and registers the metrics.
    ///
    /// # Errors
    ///
    /// [`BuildError`] names every job that has no body, every body that has no job, and what the
    /// code says otherwise than the catalogue. A catalogue is refused if two of its jobs would be
    /// configured by the same environment variable.
    pub fn build(self) -> Result<Runtime, BuildError> {
        self.settings.check()?;
        let catalogue = self.jobs.with(self.drafts)?;
        let shared = variables::shared(&catalogue);
        if !shared.is_empty() {
            return Err(BuildError::Variables(shared));
        }
        let mut problems = Vec::new();
        let mut given = BTreeMap::new();
        for (name, job) in self.given {
            if given.insert(name.clone(), job).is_some() {
                problems.push(format!("`{name}` is given a body twice"));
            }
        }
        problems.extend(self::problems(&catalogue, &given, &self.settings));
        if !problems.is_empty() {
            return Err(BuildError::Jobs(problems));
        }
        let metrics = Metrics::register(&catalogue, &self.registry)?;
        let mut entries = Vec::with_capacity(catalogue.jobs().len());
        let mut queues = Vec::new();
        let mut usual = Arc::new(Policy::default());
        for (index, spec) in catalogue.jobs().iter().enumerate() {
            // Registration made metrics for each job of this catalogue.
            let Some(metrics) = metrics.job(spec.name()) else { continue };
            let job = given.remove(spec.name().as_str()).unwrap_or_else(|| Job::disabled(SAYS_SO));
            let disabled = why_disabled(&job, spec);
            if let Some(counter) = job.counter.filter(|_| disabled.is_none()) {
                queues.push((index, counter));
            }
            if *usual != job.policy {
                usual = Arc::new(job.policy);
            }
            entries.push(Entry::new(
                job.body,
                usual.clone(),
                job.schedule.unwrap_or_else(|| spec.schedule().clone()),
                job.timeout.unwrap_or(spec.timeout()),
                disabled.map(String::into_boxed_str),
                metrics,
            ));
        }
        let (sender, messages) = mpsc::unbounded_channel();
        let clock = self.clock;
        let store = self.store.unwrap_or_else(|| Arc::new(MemoryStore::new(clock.clone())));
        let core = Core::new(catalogue, entries, store, self.settings, self.middlewares, clock, sender);
        Ok(Runtime { core: Arc::new(core), messages, queues })
    }
}

/// Why a job does not run that the catalogue disables.
const SAYS_SO: &str = "the catalogue says so";

/// Why a job does not run at all, if it does not.
fn why_disabled(job: &Job, spec: &JobSpec) -> Option<String> {
    let in_catalogue = || (!spec.enabled()).then(|| SAYS_SO.to_owned());
    job.disabled.clone().unwrap_or_else(in_catalogue)
}

/// What does not fit about the jobs that were given.
fn problems(catalogue: &Catalogue, given: &BTreeMap<String, Job>, settings: &Settings) -> Vec<String> {
    let mut problems = Vec::new();
    for spec in catalogue.jobs() {
        let name = spec.name().as_str();
        let Some(job) = given.get(name) else {
            if spec.enabled() {
                problems.push(format!("`{name}` has no body: add `.job(\"{name}\", …)`, or disable it"));
            }
            continue;
        };
        if why_disabled(job, spec).is_some() {
            continue;
        }
        if job.body.is_none() {
            problems.push(format!("`{name}` is enabled and has no body: make it by `Job::new`"));
        }
        if spec.queue().is_some() && job.counter.is_none() {
            problems
                .push(format!("`{name}` has a queue that nothing counts: give it a `Job::new(…).queue(…)`"));
        }
        if spec.queue().is_none() && job.counter.is_some() {
            problems.push(format!("`{name}` has no queue in the catalogue: say there what waits in it"));
        }
        if job.timeout.is_some_and(|timeout| timeout.is_zero()) {
            problems.push(format!("`{name}` may not take any time: give it a timeout above zero"));
        }
        if job.timeout.is_some_and(|timeout| timeout > LONGEST) {
            problems.push(format!("`{name}` may take too long: give it a timeout of at most a year"));
        }
        if let Some(lease) = job.policy.lease {
            if lease > LONGEST {
                problems.push(format!("`{name}` has too long a lease: give it one of at most a year"));
            }
            if let Err(error) = settings.check_lease(lease) {
                problems.push(format!("`{name}` has too short a lease: {error}"));
            }
        }
    }
    let names: HashSet<&str> = catalogue.jobs().iter().map(|job| job.name().as_str()).collect();
    for name in given.keys().filter(|name| !names.contains(name.as_str())) {
        let known = known(catalogue);
        problems.push(format!(
            "`{name}` is given a body, and is not in the catalogue, which has {known}: add it there, or say \
             here when it is due, by `JobSpec::every(\"{name}\", …)`"
        ));
    }
    problems
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
