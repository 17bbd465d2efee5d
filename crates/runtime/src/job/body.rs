//! What a job is to the runtime, and what a run tells it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use backon::BackoffBuilder;
use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use crate::job::LONGEST;
use crate::job::current::Current;
use crate::job::lease::Lease;
use crate::job::outcome::{JobError, Report};
use crate::job::request::Request;
use crate::job::run_guard::Limits;
use crate::job::run_id::RunId;

/// The body of a job.
///
/// Any closure `Fn(RunContext) -> impl Future<Output = Result<Report, JobError>>` is one, too.
pub trait Job: Send + Sync + 'static {
    /// Does the work of one run, and reports what became of its items.
    ///
    /// When the run takes longer than it may, or has to stop for another reason,
    /// [`RunContext::cancelled`] says so; a body that goes on nevertheless is dropped where it
    /// waits after a grace period. Where two runs must not do the same thing twice, pass
    /// [`RunContext::token`] on to where it is done.
    ///
    /// # Errors
    ///
    /// [`JobError`] says whether trying again may help. A panic is caught, and is a failure of the
    /// run.
    fn run(&self, run: RunContext) -> impl Future<Output = Result<Report, JobError>> + Send;

    /// How often a run tries again within its time when the body fails with an error that says that
    /// this may help. Never, unless the job says otherwise.
    fn retry(&self) -> Retry {
        Retry::never()
    }

    /// The same job with other retries.
    fn retrying(self, retry: Retry) -> Retrying<Self>
    where
        Self: Sized,
    {
        Retrying { job: self, retry }
    }
}

impl<F, Fut> Job for F
where
    F: Fn(RunContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Report, JobError>> + Send,
{
    fn run(&self, run: RunContext) -> impl Future<Output = Result<Report, JobError>> + Send {
        self(run)
    }
}

/// A job with retries: what [`Job::retrying`] makes.
#[derive(Debug, Clone)]
pub struct Retrying<J> {
    job: J,
    retry: Retry,
}

impl<J: Job> Job for Retrying<J> {
    fn run(&self, run: RunContext) -> impl Future<Output = Result<Report, JobError>> + Send {
        self.job.run(run)
    }

    fn retry(&self) -> Retry {
        self.retry
    }
}

/// How often a run tries again, and how long it waits before: twice as long each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    times: usize,
    first: Duration,
    longest: Duration,
}

impl Retry {
    /// The first failure is final.
    pub const fn never() -> Self {
        Self::times(0)
    }

    /// So many further attempts. Waits a second before the first of them and at most a minute,
    /// unless told otherwise.
    pub const fn times(times: usize) -> Self {
        Self { times, first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }

    /// How long to wait before the first further attempt.
    #[must_use]
    pub const fn first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// How long to wait at most.
    #[must_use]
    pub const fn longest(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    pub(crate) fn waits(self) -> impl Iterator<Item = Duration> {
        backon::ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(self.times)
            .build()
    }
}

/// What a body knows about its run.
#[derive(Debug, Clone)]
pub struct RunContext {
    pub(crate) current: Arc<Current>,
    pub(crate) attempt: u32,
}

impl RunContext {
    /// A run that no runtime knows of, to call a body with in a test: the first one of its job,
    /// asked for by somebody, and never told to stop.
    pub fn detached(job: JobName) -> Self {
        let limits = Limits { timeout: LONGEST, lease: LONGEST, grace: LONGEST };
        let now = Utc::now();
        let lease =
            Lease { job, slot: None, holder: "nobody".into(), token: 1, since: now, until: now + LONGEST };
        let current = Current::new(lease, Request::default(), limits, tokio::time::Instant::now());
        Self { current: Arc::new(current), attempt: 1 }
    }

    /// The job's name.
    pub fn job(&self) -> &JobName {
        &self.current.id.job
    }

    /// The run's name: the same in the log, in the history, and for whoever triggered it. No two
    /// runs of a store share one, so it serves as an idempotency key; attempts of one run have the
    /// same.
    pub fn id(&self) -> &RunId {
        &self.current.id
    }

    /// The fencing token: of two runs of a job, the later has the higher one. Where a write carries
    /// it and the place remembers the highest it has seen, a run that was overtaken can do no harm.
    pub fn token(&self) -> u64 {
        self.current.id.token
    }

    /// The due time that the run is for, or nothing if somebody asked for it.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.current.lease.slot
    }

    /// Which attempt of the run this is, beginning with 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Tells whoever looks what the run has done so far. Nothing is counted for it: what counts is
    /// the report at the end.
    pub fn progress(&self, so_far: Report) {
        self.current.guard.note_progress(so_far);
    }

    /// Whether the run has to stop: it takes too long, the runtime shuts down, somebody cancelled
    /// it, or its lease is lost.
    pub fn is_cancelled(&self) -> bool {
        self.current.guard.token().is_cancelled()
    }

    /// Waits until the run has to stop.
    pub async fn cancelled(&self) {
        self.current.guard.token().cancelled().await;
    }
}

pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<Report, JobError>> + Send + 'a>>;

/// A job whose type is forgotten.
pub(crate) trait AnyJob: Send + Sync {
    fn run(&self, run: RunContext) -> Running<'_>;
    fn retry(&self) -> Retry;
}

impl<J: Job> AnyJob for J {
    fn run(&self, run: RunContext) -> Running<'_> {
        Box::pin(Job::run(self, run))
    }

    fn retry(&self) -> Retry {
        Job::retry(self)
    }
}
