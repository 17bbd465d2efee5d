//! The body of a job, whatever shape it has.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::job::context::RunContext;
use crate::job::current::Current;
use crate::job::error::JobError;
use crate::job::outcome::Report;

/// A body at work.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Report, JobError>> + Send>>;

/// A body whose type is forgotten.
pub(crate) type Body<S> = Arc<dyn Fn(&S, RunContext) -> Running + Send + Sync>;

/// A count of what waits in a queue, whose type is forgotten.
pub(crate) type Counter<S> = Arc<dyn Fn(&S) -> Counting + Send + Sync>;

/// What a count of a queue answers, in a while.
pub(crate) type Counting = Pin<Box<dyn Future<Output = Result<u64, JobError>> + Send>>;

/// What a body may answer: nothing, a [`Report`], or a `Result` of one of them. Its error is a
/// [`JobError`], which may say whether trying again helps, or anything that `?` makes one of, such
/// as `anyhow::Error`, `sqlx::Error`, or a [`crate::BoxError`]. In a closure that uses `?`, say
/// which: `Ok::<_, JobError>(())`.
///
/// ```
/// use std::time::Duration;
/// use jobwatch_runtime::{BoxError, JobError, JobSpec, Report, RunContext, Runtime};
///
/// async fn with_anyhow(_: RunContext) -> anyhow::Result<()> {
///     Ok(())
/// }
///
/// async fn with_any_error(_: RunContext) -> Result<Report, BoxError> {
///     Ok(Report::items("3".parse()?))
/// }
///
/// async fn with_one_error(_: RunContext) -> Result<(), std::io::Error> {
///     Ok(())
/// }
///
/// let minute = Duration::from_secs(60);
/// let runtime = Runtime::builder("shop")
///     .job(JobSpec::every("one", minute), with_anyhow)
///     .job(JobSpec::every("two", minute), with_any_error)
///     .job(JobSpec::every("three", minute), with_one_error)
///     .job(JobSpec::every("four", minute), async |run: RunContext| {
///         with_anyhow(run.clone()).await?;
///         with_any_error(run.clone()).await?;
///         with_one_error(run).await?;
///         Ok::<_, JobError>(())
///     })
///     .build()?;
/// # Ok::<(), jobwatch_runtime::BuildError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what the body of a job answers",
    note = "answer `()`, a `Report`, or a `Result` of one of them whose error becomes a `JobError`"
)]
pub trait JobResult: Send + 'static {
    /// What it means.
    ///
    /// # Errors
    ///
    /// What the body says.
    fn into_result(self) -> Result<Report, JobError>;
}

impl JobResult for () {
    fn into_result(self) -> Result<Report, JobError> {
        Ok(Report::default())
    }
}

impl JobResult for Report {
    fn into_result(self) -> Result<Report, JobError> {
        Ok(self)
    }
}

impl<R, E> JobResult for Result<R, E>
where
    R: Into<Report> + Send + 'static,
    E: Into<JobError> + Send + 'static,
{
    fn into_result(self) -> Result<Report, JobError> {
        self.map(Into::into).map_err(Into::into)
    }
}

/// The body of a job: `async fn(RunContext)`, or `async fn(S, RunContext)` with the state that
/// [`crate::RuntimeBuilder::state`] or [`crate::Job::with`] gives. The parameter of a closure needs
/// its type: `async |run: RunContext| …`.
///
/// When the run takes longer than it may, or has to stop for another reason,
/// [`RunContext::cancelled`] says so; a body that goes on nevertheless is dropped where it waits
/// after a grace period. A panic is caught, and is a failure of the run. Where two runs must not do
/// the same thing twice, use [`RunContext::guard`], or pass [`RunContext::token`] on to where it is
/// done.
///
/// `Args` tells the shapes apart, and follows from the body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no body of a job with the state `{S}`",
    note = "a body is an `async fn(RunContext)`, or an `async fn(S, RunContext)` where the runtime has \
            a state `S`; what blocks its thread goes into `Job::blocking`"
)]
pub trait JobBody<S, Args>: Sized {
    #[doc(hidden)]
    fn erased(self) -> Body<S>;
}

impl<S, F, Fut> JobBody<S, (RunContext,)> for F
where
    F: Fn(RunContext) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: JobResult,
{
    fn erased(self) -> Body<S> {
        Arc::new(move |_, run| answer(self(run)))
    }
}

impl<S, F, Fut> JobBody<S, (S, RunContext)> for F
where
    S: Clone + Send + Sync + 'static,
    F: Fn(S, RunContext) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: JobResult,
{
    fn erased(self) -> Body<S> {
        Arc::new(move |state: &S, run| answer(self(state.clone(), run)))
    }
}

fn answer(work: impl Future<Output: JobResult> + Send + 'static) -> Running {
    Box::pin(async { work.await.into_result() })
}

/// What blocks the thread that it runs on: `fn(RunContext)`, or `fn(S, RunContext)` with the state
/// of the runtime.
pub trait BlockingBody<S, Args>: Sized {
    #[doc(hidden)]
    fn erased(self) -> Body<S>;
}

impl<S, F, R> BlockingBody<S, (RunContext,)> for F
where
    F: Fn(RunContext) -> R + Send + Sync + 'static,
    R: JobResult,
{
    fn erased(self) -> Body<S> {
        let body = Arc::new(self);
        Arc::new(move |_, run| {
            let body = body.clone();
            on_a_thread(run.current.clone(), move || body(run))
        })
    }
}

impl<S, F, R> BlockingBody<S, (S, RunContext)> for F
where
    S: Clone + Send + Sync + 'static,
    F: Fn(S, RunContext) -> R + Send + Sync + 'static,
    R: JobResult,
{
    fn erased(self) -> Body<S> {
        let body = Arc::new(self);
        Arc::new(move |state: &S, run| {
            let (body, state) = (body.clone(), state.clone());
            on_a_thread(run.current.clone(), move || body(state, run))
        })
    }
}

fn on_a_thread<R: JobResult>(current: Arc<Current>, body: impl FnOnce() -> R + Send + 'static) -> Running {
    Box::pin(async move {
        let mut thread = Thread { current, at_work: Some(tokio::task::spawn_blocking(body)) };
        let Some(at_work) = &mut thread.at_work else { return Err(JobError::Cancelled) };
        let ended = at_work.await;
        thread.at_work = None;
        match ended {
            Ok(answer) => answer.into_result(),
            Err(error) => match error.try_into_panic() {
                // It is a failure of the run, as if the body had panicked here.
                Ok(panic) => resume_unwind(panic),
                // tokio's runtime ends, and the thread has not begun.
                Err(_) => Err(JobError::Cancelled),
            },
        }
    })
}

/// A thread that nobody can stop. Whoever drops the body leaves it to the run, which is not over
/// before the thread is.
struct Thread<R: Send + 'static> {
    current: Arc<Current>,
    at_work: Option<JoinHandle<R>>,
}

impl<R: Send + 'static> Drop for Thread<R> {
    fn drop(&mut self) {
        if let Some(at_work) = self.at_work.take() {
            // It helps where no thread was free for it yet.
            at_work.abort();
            self.current.leave_behind(Box::pin(async { drop(at_work.await) }));
        }
    }
}

/// What the count of a queue may answer: a number, or a `Result` of one, whose error is a
/// [`JobError`] or anything that `?` makes one of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what the count of a queue answers",
    note = "answer a `u64`, or a `Result` of one whose error becomes a `JobError`"
)]
pub trait CountResult: Send + 'static {
    /// What it means.
    ///
    /// # Errors
    ///
    /// What the count says.
    fn into_count(self) -> Result<u64, JobError>;
}

impl CountResult for u64 {
    fn into_count(self) -> Result<u64, JobError> {
        Ok(self)
    }
}

impl<E: Into<JobError> + Send + 'static> CountResult for Result<u64, E> {
    fn into_count(self) -> Result<u64, JobError> {
        self.map_err(Into::into)
    }
}

/// How what waits in a queue is counted: `async fn()`, or `async fn(S)` with the state of the
/// runtime.
pub trait QueueCount<S, Args>: Sized {
    #[doc(hidden)]
    fn erased(self) -> Counter<S>;
}

impl<S, F, Fut> QueueCount<S, ()> for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output: CountResult> + Send + 'static,
{
    fn erased(self) -> Counter<S> {
        Arc::new(move |_| counted(self()))
    }
}

impl<S, F, Fut> QueueCount<S, (S,)> for F
where
    S: Clone,
    F: Fn(S) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: CountResult> + Send + 'static,
{
    fn erased(self) -> Counter<S> {
        Arc::new(move |state: &S| counted(self(state.clone())))
    }
}

fn counted(count: impl Future<Output: CountResult> + Send + 'static) -> Counting {
    Box::pin(async { count.await.into_count() })
}
