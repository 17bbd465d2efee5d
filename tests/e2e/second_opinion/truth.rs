//! What can be said of a sentence at a moment, and what follows for its alert: it must fire, must
//! not, or may do either.

/// Whether a sentence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Holds,
    Not,
    /// It depends on what nobody can be blamed for: when a scrape comes, whose clock counts, how an
    /// increase is extrapolated.
    Open,
}

/// What an alert does at an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Fires,
    Silent,
    Either,
}

impl Truth {
    /// Whether something is above a threshold that lies between two bounds.
    pub(super) fn above(between: (f64, f64), threshold: f64) -> Self {
        match between {
            (low, _) if low > threshold => Self::Holds,
            (_, high) if high <= threshold => Self::Not,
            _ => Self::Open,
        }
    }

    /// The same for seconds that may be so many more or fewer.
    pub(super) fn longer(seconds: u64, than: u64, give_or_take: u64) -> Self {
        let between = (seconds.saturating_sub(give_or_take), seconds + give_or_take);
        Self::above((between.0 as f64, between.1 as f64), than as f64)
    }

    /// What all of them say, where they agree. Nothing holds of nothing.
    pub(super) fn agreed(all: impl IntoIterator<Item = Self>) -> Self {
        let agree = |a, b| if a == b { a } else { Self::Open };
        all.into_iter().reduce(agree).unwrap_or(Self::Not)
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Not, _) | (_, Self::Not) => Self::Not,
            (Self::Holds, Self::Holds) => Self::Holds,
            _ => Self::Open,
        }
    }

    /// The same, where something has to be seen for the sentence to be told.
    pub(super) fn if_seen(self, is_seen: bool) -> Self {
        if self == Self::Holds && !is_seen { Self::Open } else { self }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Not }
    }
}

/// What an alert does whose sentence has to hold for so many seconds. Prometheus counts from the
/// first evaluation at which it holds, and lets go at the first at which it does not.
pub(super) fn zones(truths: &[Truth], evaluation: u64, hold: u64) -> Vec<Zone> {
    let before = hold.div_ceil(evaluation) as usize;
    let zone = |place: usize| {
        let Some(since) = place.checked_sub(before).and_then(|first| truths.get(first..=place)) else {
            return Zone::Silent;
        };
        match since {
            since if since.contains(&Truth::Not) => Zone::Silent,
            since if since.contains(&Truth::Open) => Zone::Either,
            _ => Zone::Fires,
        }
    };
    (0..truths.len()).map(zone).collect()
}
