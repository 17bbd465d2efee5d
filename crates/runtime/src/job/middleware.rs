//! What users put around every attempt of every job: their own measurements, tracing, permissions,
//! fault injection.

use std::sync::Arc;

use crate::job::body::Running;
use crate::job::context::RunContext;
use crate::job::error::JobError;
use crate::job::outcome::Report;

/// Something that is done around every attempt of a run.
///
/// ```
/// use jobwatch_runtime::middleware::{Around, Middleware, Next};
/// use jobwatch_runtime::RunContext;
///
/// struct Announce;
///
/// impl Middleware for Announce {
///     fn around<'a>(&'a self, run: RunContext, next: Next<'a>) -> Around<'a> {
///         Box::pin(async move {
///             println!("{} begins", run.id());
///             let result = next.run(run.clone()).await;
///             println!("{} is over: {result:?}", run.id());
///             result
///         })
///     }
/// }
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Does its part, and calls `next` where the attempt belongs: once, or not at all.
    fn around<'a>(&'a self, run: RunContext, next: Next<'a>) -> Around<'a>;
}

/// What becomes of an attempt, in a while.
pub type Around<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Report, JobError>> + Send + 'a>>;

/// What comes after a middleware: the next one, or the body.
#[allow(missing_debug_implementations, reason = "it holds a body, which need not have one")]
pub struct Next<'a> {
    pub(crate) rest: &'a [Arc<dyn Middleware>],
    pub(crate) body: &'a (dyn Fn(&(), RunContext) -> Running + Send + Sync),
}

impl<'a> Next<'a> {
    /// Goes on with the attempt.
    pub fn run(self, run: RunContext) -> Around<'a> {
        match self.rest.split_first() {
            Some((first, rest)) => first.around(run, Next { rest, body: self.body }),
            None => (self.body)(&(), run),
        }
    }
}
