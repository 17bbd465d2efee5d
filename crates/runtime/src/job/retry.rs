//! How often a run tries again.

use std::time::Duration;

use backon::BackoffBuilder;

/// How often a run tries again, and how long it waits before: twice as long each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    times: usize,
    first: Duration,
    longest: Duration,
}

impl Retry {
    /// The first failure is final.
    pub const fn never() -> Self {
        Self::times(0)
    }

    /// So many further attempts. Waits a second before the first of them and at most a minute,
    /// unless told otherwise.
    pub const fn times(times: usize) -> Self {
        Self { times, first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }

    /// How long to wait before the first further attempt.
    #[must_use]
    pub const fn first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// How long to wait at most.
    #[must_use]
    pub const fn longest(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    pub(crate) fn waits(self) -> impl Iterator<Item = Duration> {
        backon::ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(self.times)
            .build()
    }
}
