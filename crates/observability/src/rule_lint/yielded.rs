//! What a part of an expression yields, as far as it can be told without Prometheus.

use super::bounds::Bounds;
use super::labels::Labels;

/// What a part of an expression yields.
#[derive(Debug, Clone)]
pub(super) struct Yielded {
    /// The labels of its series. `None` for a number.
    pub(super) labels: Option<Labels>,
    /// Between which numbers its values lie.
    pub(super) bounds: Bounds,
    /// How its values behave.
    pub(super) nature: Nature,
    /// Whether it yields something only while a condition holds.
    pub(super) is_conditional: bool,
    /// Whether it is made of numbers alone.
    pub(super) is_constant: bool,
    /// Whether it can never yield anything.
    pub(super) is_empty: bool,
}

/// How values behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// They only grow until a restart.
    Counter,
    /// They are a mean since a restart, as a counter divided by another is.
    Lifetime,
    /// They come and go.
    Gauge,
    /// Nobody has said.
    Unknown,
}

impl Yielded {
    /// A number.
    pub(super) fn number(bounds: Bounds) -> Self {
        Self { labels: None, is_constant: true, ..Self::unknown(bounds, Nature::Gauge) }
    }

    /// One sample without labels, made of numbers alone.
    pub(super) fn constant(bounds: Bounds) -> Self {
        Self { labels: Some(Labels::default()), ..Self::number(bounds) }
    }

    /// Series of which no label is known.
    pub(super) fn unknown(bounds: Bounds, nature: Nature) -> Self {
        Self {
            labels: Some(Labels::open()),
            bounds,
            nature,
            is_conditional: false,
            is_constant: false,
            is_empty: false,
        }
    }

    /// The same series with values of which nothing else is known.
    pub(super) fn with(&self, bounds: Bounds) -> Self {
        Self { bounds, nature: Nature::Gauge, ..self.clone() }
    }

    /// The same series with other values that behave alike.
    pub(super) fn alike(&self, bounds: Bounds) -> Self {
        Self { bounds, ..self.clone() }
    }

    /// Returns the labels, of which a number has none.
    pub(super) fn labels(&self) -> Labels {
        self.labels.clone().unwrap_or_default()
    }

    /// Returns what series yield of which some are these and some the others.
    pub(super) fn or(self, other: Self) -> Self {
        if other.is_empty {
            return Self { is_conditional: self.is_conditional && other.is_conditional, ..self };
        }
        if self.is_empty {
            return Self { is_conditional: self.is_conditional && other.is_conditional, ..other };
        }
        Self {
            labels: Some(self.labels().or(&other.labels())),
            bounds: self.bounds.or(other.bounds),
            nature: if self.nature == other.nature { self.nature } else { Nature::Unknown },
            is_conditional: self.is_conditional && other.is_conditional,
            is_constant: self.is_constant && other.is_constant,
            is_empty: false,
        }
    }
}
