//! When Prometheus looks.

/// Prometheus scrapes and evaluates at fixed steps, from zero to an end, all in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) scrape: u64,
    /// A multiple of `scrape`, so that windows begin and end with a sample and nothing is
    /// extrapolated where no scrape is missing.
    pub(super) evaluation: u64,
    /// A multiple of `evaluation`.
    pub(super) end: u64,
}

impl Clock {
    pub(super) fn scrapes(self) -> impl Iterator<Item = u64> {
        (0..=self.end / self.scrape).map(move |number| number * self.scrape)
    }

    pub(super) fn evaluations(self) -> impl Iterator<Item = u64> {
        (0..=self.end / self.evaluation).map(move |number| number * self.evaluation)
    }

    /// The moment at which so many thousandths have passed.
    pub(super) const fn at(self, permille: u64) -> u64 {
        self.end * permille / 1_000
    }

    /// The latest scrape until a moment.
    pub(super) const fn scrape_until(self, moment: u64) -> u64 {
        moment / self.scrape * self.scrape
    }

    /// The first scrape from a moment on.
    pub(super) const fn scrape_from(self, moment: u64) -> u64 {
        moment.div_ceil(self.scrape) * self.scrape
    }
}
