//! Something that happens once, and stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// Something that happens once, and stays. Copies are the same flag.
///
/// A [`CancellationToken`] can be waited for, and takes a lock to be asked, which many runs that
/// begin together would stand in line for; this can be asked without one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latch {
    raised: Arc<AtomicBool>,
    token: CancellationToken,
}

/// Raises a flag when it is dropped, unless it is disarmed.
#[derive(Debug)]
pub(crate) struct RaiseOnDrop(Option<Latch>);

impl Latch {
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        self.token.cancel();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    /// Waits until it is raised.
    pub(crate) async fn raised(&self) {
        self.token.cancelled().await;
    }

    pub(crate) fn raise_on_drop(&self) -> RaiseOnDrop {
        RaiseOnDrop(Some(self.clone()))
    }
}

impl RaiseOnDrop {
    pub(crate) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        if let Some(flag) = &self.0 {
            flag.raise();
        }
    }
}
