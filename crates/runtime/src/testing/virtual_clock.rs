//! A clock for tests.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::schedule::clock::Clock;

/// A clock that goes with tokio's time, and that can be put forward and back.
///
/// In a test with paused time, a year passes as fast as the jobs in it are run:
///
/// ```
/// use std::time::Duration;
/// use jobwatch_runtime::clock::Clock;
/// use jobwatch_runtime::testing::VirtualClock;
///
/// # let mut builder = tokio::runtime::Builder::new_current_thread();
/// # builder.enable_time().start_paused(true).build()?.block_on(async {
/// let clock = VirtualClock::at("2026-03-01T10:00:00Z".parse()?);
/// tokio::time::sleep(Duration::from_secs(3_600)).await;
/// assert_eq!(clock.now().to_rfc3339(), "2026-03-01T11:00:00+00:00");
/// # Ok::<(), chrono::ParseError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VirtualClock {
    started: Instant,
    at: Mutex<DateTime<Utc>>,
}

impl VirtualClock {
    /// A clock that shows a moment now.
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self { started: Instant::now(), at: Mutex::new(moment) }
    }

    /// Puts the clock forward, or back, as an administrator or a time server does.
    pub fn step(&self, by: TimeDelta) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) + self.started.elapsed()
    }
}
