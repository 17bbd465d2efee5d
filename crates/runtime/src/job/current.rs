//! A run in progress here.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::job::lease::Lease;
use crate::job::request::Request;
use crate::job::run_guard::{Limits, RunGuard};
use crate::job::run_id::RunId;

/// A run in progress here: its body, the driver and the handles share it.
pub(crate) struct Current {
    pub(crate) id: RunId,
    pub(crate) guard: RunGuard,
    pub(crate) lease: Lease,
    /// What whoever asked for it says about it.
    pub(crate) request: Request,
    left_behind: Mutex<Option<LeftBehind>>,
}

/// The end of what goes on although the body was dropped.
pub(crate) type LeftBehind = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Current {
    /// A run under a lease that was asked for at a moment.
    pub(crate) fn new(lease: Lease, request: Request, limits: Limits, asked: Instant) -> Self {
        let guard = RunGuard::new(limits, asked);
        Self { id: lease.run(), guard, lease, request, left_behind: Mutex::default() }
    }

    /// Leaves something to the run that cannot be stopped: the run is not over before it is.
    pub(crate) fn leave_behind(&self, ends: LeftBehind) {
        *self.left_behind.lock().unwrap_or_else(PoisonError::into_inner) = Some(ends);
    }

    /// What was left behind, if anything was.
    pub(crate) fn left_behind(&self) -> Option<LeftBehind> {
        self.left_behind.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").field("id", &self.id).field("guard", &self.guard).finish_non_exhaustive()
    }
}
