//! Where a run that was overtaken can do no harm.

use std::future::Future;
use std::pin::Pin;

use crate::job::current::Current;
use crate::job::error::BoxError;
use crate::job::guard_error::GuardError;
use crate::job::run_id::RunId;

/// What is answered in a while.
pub type FenceAnswer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A transaction that remembers which run has written last, and refuses one that was overtaken.
///
/// There is one for transactions of `sqlx` with PostgreSQL, by the feature `postgres`, and with
/// SQLite, by `sqlite`: they keep the highest token of each job in a table `jobwatch_fence`, which
/// they create where it is missing.
pub trait Fence: Send {
    /// Remembers a run, and keeps others of its job from writing before the transaction ends. False
    /// if a later run has written already.
    fn pass<'a>(&'a mut self, run: &'a RunId) -> FenceAnswer<'a, Result<bool, BoxError>>;
}

/// Asks the store whether a lease still holds.
pub(crate) trait LeaseKeeper: Send + Sync {
    fn confirm<'a>(&'a self, current: &'a Current) -> FenceAnswer<'a, Result<(), GuardError>>;
}
