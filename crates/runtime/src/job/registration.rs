//! A job with everything that belongs to it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jobwatch_catalogue::{JobDraft, Schedule};

use crate::job::body::{BlockingBody, Body, Counter, JobBody, QueueCount};
use crate::job::policy::{Overlap, Policy};
use crate::job::retry::Retry;

/// A job: its body, what counts its queue, and how it is run. A body alone is one, too; this is for
/// what is to be said about it, or for keeping jobs in a `Vec`.
///
/// `S` is the state of the runtime that it is for, by [`crate::RuntimeBuilder::state`].
///
/// ```
/// use jobwatch_runtime::{Job, JobError, Overlap, Retry, RunContext};
///
/// async fn send_mails(_run: RunContext) -> Result<(), JobError> {
///     Ok(())
/// }
/// let job: Job = Job::new(send_mails).retry(Retry::times(2)).overlap(Overlap::QueueOne);
/// ```
#[derive(Clone)]
pub struct Job<S = ()> {
    /// Nothing for a job that is disabled and has none.
    pub(crate) body: Option<Body<S>>,
    pub(crate) counter: Option<Counter<S>>,
    pub(crate) policy: Policy,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) timeout: Option<Duration>,
    /// Why the job does not run, or that it does, whatever the catalogue says.
    pub(crate) disabled: Option<Option<String>>,
}

/// A job of the catalogue by its name, or one with all that a catalogue says.
#[derive(Debug, Clone)]
pub struct JobSource(pub(crate) Source);

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Named(String),
    New(Box<JobDraft>),
}

impl<T: AsRef<str> + ?Sized> From<&T> for JobSource {
    fn from(name: &T) -> Self {
        Self(Source::Named(name.as_ref().to_owned()))
    }
}

impl From<String> for JobSource {
    fn from(name: String) -> Self {
        Self(Source::Named(name))
    }
}

impl From<JobDraft> for JobSource {
    fn from(draft: JobDraft) -> Self {
        Self(Source::New(Box::new(draft)))
    }
}

/// A [`Job`], or its body alone: see [`JobBody`]. `Args` tells them apart, and follows from what it
/// is.
pub trait IntoJob<S, Args> {
    /// The job.
    fn into_job(self) -> Job<S>;
}

impl<S> IntoJob<S, ()> for Job<S> {
    fn into_job(self) -> Self {
        self
    }
}

impl<S, Args, B: JobBody<S, Args>> IntoJob<S, (Args,)> for B {
    fn into_job(self) -> Job<S> {
        Job::new(self)
    }
}

impl<S> Job<S> {
    /// A job with a body, such as an `async fn(RunContext)`: see [`JobBody`].
    pub fn new<Args>(body: impl JobBody<S, Args>) -> Self {
        Self { body: Some(body.erased()), ..Self::empty() }
    }

    /// A job whose body blocks its thread: a `fn(RunContext)`, or a `fn(S, RunContext)` with the
    /// state. It runs on a thread for what blocks, which nobody can stop: it is to look at
    /// [`crate::RunContext::is_cancelled`] now and then. The job does not run again before the
    /// thread has ended.
    pub fn blocking<Args>(body: impl BlockingBody<S, Args>) -> Self {
        Self { body: Some(body.erased()), ..Self::empty() }
    }

    /// A job that does not run, and says why to whoever asks: what is missing for it, say.
    pub fn disabled(why: impl Into<String>) -> Self {
        Self { disabled: Some(Some(why.into())), ..Self::empty() }
    }

    /// A job with a state of its own instead of the runtime's.
    pub fn with<T: Send + Sync + 'static, Args>(state: T, job: impl IntoJob<T, Args>) -> Self {
        job.into_job().bound(Arc::new(state))
    }

    fn empty() -> Self {
        Self {
            body: None,
            counter: None,
            policy: Policy::default(),
            schedule: None,
            timeout: None,
            disabled: None,
        }
    }

    /// Says how to count what waits in the job's queue: an `async fn()`, or an `async fn(S)` with
    /// the state. Every job that has a queue and is enabled needs this.
    #[must_use]
    pub fn queue<Args>(mut self, count: impl QueueCount<S, Args>) -> Self {
        self.counter = Some(count.erased());
        self
    }

    /// How often a run tries again within its time when the body fails with an error that says that
    /// this may help. Defaults to [`Retry::never`].
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.policy.retry = retry;
        self
    }

    /// What becomes of a due time that passes while the job still runs. Defaults to
    /// [`Overlap::Skip`].
    #[must_use]
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.policy.overlap = overlap;
        self
    }

    /// The age up to which a due time that has passed while nobody was there is still run. Defaults
    /// to [`crate::Settings::catch_up`].
    #[must_use]
    pub fn catch_up(mut self, window: Duration) -> Self {
        self.policy.catch_up = Some(window);
        self
    }

    /// By how much runs are put off at most. Defaults to [`crate::Settings::jitter`].
    #[must_use]
    pub fn jitter(mut self, most: Duration) -> Self {
        self.policy.jitter = Some(most);
        self
    }

    /// How long a lease lasts that is not renewed. Defaults to [`crate::Settings::lease`].
    #[must_use]
    pub fn lease(mut self, length: Duration) -> Self {
        self.policy.lease = Some(length);
        self
    }

    /// Another schedule than the catalogue's.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// How long a run may take, if not as long as the catalogue says.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether the job runs, whatever the catalogue says.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.disabled = Some((!enabled).then(|| "the settings say so".to_owned()));
        self
    }
}

impl<S: Send + Sync + 'static> Job<S> {
    /// The same job, which has its state and needs no other.
    pub(crate) fn bound<T>(self, state: Arc<S>) -> Job<T> {
        let Self { body, counter, policy, schedule, timeout, disabled } = self;
        let of_counter = state.clone();
        Job {
            body: body.map(|body| -> Body<T> { Arc::new(move |_, run| body(&state, run)) }),
            counter: counter.map(|counter| -> Counter<T> { Arc::new(move |_| counter(&of_counter)) }),
            policy,
            schedule,
            timeout,
            disabled,
        }
    }
}

impl<S> fmt::Debug for Job<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, schedule, timeout, disabled, .. } = self;
        let mut shown = f.debug_struct("Job");
        shown.field("policy", policy).field("schedule", schedule);
        shown.field("timeout", timeout).field("disabled", disabled).finish_non_exhaustive()
    }
}
