//! How many deliveries are under way at once, while receivers that keep one waiting hold up nobody.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::limits::Limits;

/// After so long, a delivery that waits for an answer gives its place to another. A receiver with
/// four under way that takes seconds for each has half a place then: less than one in twenty of
/// sixteen.
const PATIENCE: Duration = Duration::from_millis(200);

/// The places of a run. Copies are the same.
#[derive(Debug, Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    /// For those that have given theirs away, so that connections stay bounded whatever the
    /// receivers do.
    aside: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new(limits: Limits) -> Self {
        let places = || Arc::new(Semaphore::new(limits.concurrency as usize));
        Self { all: places(), aside: places() }
    }

    /// Makes an attempt when there is a place for it.
    pub(super) async fn take<T>(&self, attempt: impl Future<Output = T>) -> T {
        let place = self.all.acquire().await;
        let mut attempt = pin!(attempt);
        let step_aside = async {
            tokio::time::sleep(PATIENCE).await;
            self.aside.acquire().await
        };
        tokio::select! {
            verdict = &mut attempt => verdict,
            _aside = step_aside => {
                drop(place);
                attempt.await
            }
        }
    }
}
