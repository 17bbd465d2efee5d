//! When a job is due, and what time it is.

use std::time::Duration;

pub mod clock;
pub(crate) mod plan;
pub(crate) mod time;
pub(crate) mod timetable;

/// By how much a due time may lie ahead of the store's clock when it is claimed: clocks of replicas
/// differ a little.
pub const TOLERANCE: Duration = Duration::from_secs(1);
