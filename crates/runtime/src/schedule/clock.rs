//! What time it is.

use std::fmt;

use chrono::{DateTime, Utc};

/// Tells the time. Whoever embeds the runtime in a test gives it a clock of its own.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of the wall clock. It may be put forward and back.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
