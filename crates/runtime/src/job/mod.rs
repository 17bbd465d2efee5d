//! What a job is, and what becomes of a run of it.

use std::time::Duration;

pub(crate) mod body;
pub(crate) mod context;
pub(crate) mod current;
pub(crate) mod error;
pub(crate) mod fence;
pub(crate) mod guard_error;
pub(crate) mod guarded_body;
pub(crate) mod lease;
pub mod middleware;
pub(crate) mod names;
pub mod outcome;
pub(crate) mod policy;
pub(crate) mod registration;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod run_guard;
pub(crate) mod run_id;

/// The longest time that anything may take, 366 days: moments that lie further ahead than a clock
/// can show are not to be computed.
pub(crate) const LONGEST: Duration = Duration::from_secs(366 * 86_400);
