//! A run in progress here.

use tokio::time::Instant;

use crate::job::lease::Lease;
use crate::job::request::Request;
use crate::job::run_guard::{Limits, RunGuard};
use crate::job::run_id::RunId;

/// A run in progress here: its body, the driver and the handles share it.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) id: RunId,
    pub(crate) guard: RunGuard,
    pub(crate) lease: Lease,
    /// What whoever asked for it says about it.
    pub(crate) request: Request,
}

impl Current {
    /// A run under a lease that was asked for at a moment.
    pub(crate) fn new(lease: Lease, request: Request, limits: Limits, asked: Instant) -> Self {
        Self { id: lease.run(), guard: RunGuard::new(limits, asked), lease, request }
    }
}
