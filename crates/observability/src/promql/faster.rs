//! The same expression where time passes faster.

use std::sync::Arc;

use super::expr::{Expr, Window};
use super::selector::Selector;
use crate::quantity::Quantity;

/// The shortest window, in seconds: a rate takes two samples, and these are a second apart.
const SHORTEST_WINDOW: u64 = 3;

impl Expr {
    /// Returns what it says where time passes so many times as fast: lengths of time are divided,
    /// and rounded up to whole seconds, and what is counted a second is multiplied.
    #[must_use]
    pub fn faster(self, times: u64) -> Self {
        let shared = |of: Arc<Self>| Arc::new(Arc::unwrap_or_clone(of).faster(times));
        match self {
            Self::Number(quantity) => Self::Number(quantity.faster(times)),
            Self::Vector(quantity) => Self::Vector(quantity.faster(times)),
            Self::Time | Self::Nothing => self,
            Self::Select(selector) => Self::Select(selector.faster(times)),
            Self::Range { function, selector, window } => {
                let window = match window {
                    Window::Seconds(seconds) => {
                        Window::Seconds(seconds.div_ceil(times).max(SHORTEST_WINDOW.min(seconds)))
                    }
                    Window::RateInterval | Window::Interval => window,
                };
                Self::Range { function, selector: selector.faster(times), window }
            }
            Self::Aggregate { operation, by, of } => Self::Aggregate { operation, by, of: shared(of) },
            Self::Top { number, of } => Self::Top { number, of: shared(of) },
            Self::HistogramQuantile { quantile, of } => Self::HistogramQuantile { quantile, of: shared(of) },
            Self::Round { of } => Self::Round { of: shared(of) },
            Self::Labelled { of, label, value } => Self::Labelled { of: shared(of), label, value },
            Self::Or { parts, matching } => {
                let parts = parts.into_iter().map(|part| part.faster(times)).collect();
                Self::Or { parts, matching }
            }
            Self::Binary { operator, left, right, matching } => {
                Self::Binary { operator, left: shared(left), right: shared(right), matching }
            }
        }
    }
}

impl Selector {
    fn faster(self, times: u64) -> Self {
        Self { offset: self.offset.div_ceil(times), ..self }
    }
}

impl Quantity {
    fn faster(self, times: u64) -> Self {
        match self {
            Self::Duration(seconds) => Self::Duration(seconds.div_ceil(times)),
            Self::PerSecond(millionths) => Self::PerSecond(millionths.saturating_mul(times)),
            Self::Ratio(_) | Self::Count(_) => self,
        }
    }
}
