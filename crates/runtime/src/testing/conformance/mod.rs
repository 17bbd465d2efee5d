//! What every store has to do, as one suite that a store of your own can be run through.

mod batches;
mod promises;
mod suite;

use std::time::Duration;

use crate::store::Store;

use suite::Suite;

pub use suite::Violation;

/// Runs a store that knows none of the suite's jobs through the suite. `pass` has to let so much
/// time pass by the store's clock.
///
/// # Errors
///
/// [`Violation`] names the first promise that the store does not keep.
pub async fn exercise<P: AsyncFn(Duration)>(store: &dyn Store, pass: P) -> Result<(), Violation> {
    let started = store.now().await?;
    let suite = Suite { store, pass, started };
    promises::hold(&suite).await?;
    batches::hold(&suite).await
}
