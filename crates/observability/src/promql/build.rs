//! How expressions are put together.

use std::iter::Peekable;
use std::sync::Arc;

use super::expr::{Aggregation, Expr, Matching, Operator, RangeFunction, Window};
use super::selector::Selector;
use crate::quantity::Quantity;

/// How many parts stand in one chain of `or`. Prometheus evaluates a chain from the left and copies
/// all samples at each step, so that a long one takes quadratic time; longer ones are divided.
const LONGEST_CHAIN: usize = 64;

impl From<Selector> for Expr {
    fn from(selector: Selector) -> Self {
        Self::Select(selector)
    }
}

impl From<Quantity> for Expr {
    fn from(quantity: Quantity) -> Self {
        Self::Number(quantity)
    }
}

impl Expr {
    /// Growth a second of the selected counters.
    pub fn rate(selector: Selector, window: Window) -> Self {
        Self::Range { function: RangeFunction::Rate, selector, window }
    }

    /// Growth of the selected counters.
    pub fn increase(selector: Selector, window: Window) -> Self {
        Self::Range { function: RangeFunction::Increase, selector, window }
    }

    /// The latest sample of the selected series, however old within so many seconds.
    pub fn last_over(selector: Selector, seconds: u64) -> Self {
        Self::Range { function: RangeFunction::LastOverTime, selector, window: Window::Seconds(seconds) }
    }

    /// The highest sample of each selected series within so many seconds.
    pub fn highest_over(selector: Selector, seconds: u64) -> Self {
        Self::Range { function: RangeFunction::MaxOverTime, selector, window: Window::Seconds(seconds) }
    }

    /// What the selected counters counted since their processes started, as they said last within
    /// so many seconds.
    pub fn since_start(selector: Selector, seconds: u64) -> Self {
        Self::Range { function: RangeFunction::SinceStart, selector, window: Window::Seconds(seconds) }
    }

    /// The samples with the highest values, at most so many.
    #[must_use]
    pub fn top(self, number: u32) -> Self {
        Self::Top { number, of: Arc::new(self) }
    }

    /// One sample for each group that agrees in some labels.
    #[must_use]
    pub fn aggregate(self, operation: Aggregation, by: &[&str]) -> Self {
        let by = by.iter().map(|&label| label.to_owned()).collect();
        Self::Aggregate { operation, by, of: Arc::new(self) }
    }

    /// A quantile of this rate of buckets.
    #[must_use]
    pub fn quantile(self, quantile: Quantity) -> Self {
        Self::HistogramQuantile { quantile, of: Arc::new(self) }
    }

    /// The next whole numbers.
    #[must_use]
    pub fn round(self) -> Self {
        Self::Round { of: Arc::new(self) }
    }

    /// The same with a label of a fixed value. The value must not be empty.
    #[must_use]
    pub fn labelled(self, label: &str, value: impl Into<String>) -> Self {
        Self::Labelled { of: Arc::new(self), label: label.to_owned(), value: value.into() }
    }

    /// This and another expression, matched by all labels.
    #[must_use]
    pub fn binary(self, operator: Operator, right: impl Into<Self>) -> Self {
        self.matched(operator, Matching::AllLabels, right)
    }

    /// This and another expression, matched by some labels.
    #[must_use]
    pub fn matched(self, operator: Operator, matching: Matching, right: impl Into<Self>) -> Self {
        Self::Binary { operator, left: Arc::new(self), right: Arc::new(right.into()), matching }
    }

    /// This, or another expression where this has no sample of the same labels.
    #[must_use]
    pub fn or(self, other: impl Into<Self>) -> Self {
        self.or_on(Matching::AllLabels, other)
    }

    /// This, or another expression where this has no sample that agrees in some labels.
    #[must_use]
    pub fn or_on(self, matching: Matching, other: impl Into<Self>) -> Self {
        match self {
            Self::Or { mut parts, matching: known } if known == matching && parts.len() < LONGEST_CHAIN => {
                parts.push(other.into());
                Self::Or { parts, matching }
            }
            first => Self::Or { parts: vec![first, other.into()], matching },
        }
    }

    /// All of them joined by `or`. Returns `None` if there are none.
    ///
    /// Of parts with the same labels, the first wins.
    ///
    /// More than a chain of them become a chain of chains. Prometheus evaluates what is constant
    /// apart from the rest, and each step of an evaluation passes through all steps before it
    /// (measured with 2.42): a table of 8,000 constants takes two minutes. Behind something that is
    /// no constant, here [`Expr::Nothing`], each inner chain is evaluated apart: two seconds.
    pub fn any(expressions: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::any_on(&Matching::AllLabels, expressions)
    }

    /// The same, of samples that are matched by some labels.
    pub fn any_on(matching: &Matching, expressions: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut expressions = expressions.into_iter().peekable();
        let chain = |expressions: &mut Peekable<_>| {
            let mut parts: Vec<Self> = expressions.by_ref().take(LONGEST_CHAIN).collect();
            match parts.len() {
                0 | 1 => parts.pop(),
                _ => Some(Self::Or { parts, matching: matching.clone() }),
            }
        };
        let first = chain(&mut expressions)?;
        if expressions.peek().is_none() {
            return Some(first);
        }
        let mut parts = vec![Self::Nothing, first];
        while let Some(next) = chain(&mut expressions) {
            parts.push(next);
        }
        Some(Self::Or { parts, matching: matching.clone() })
    }

    /// Calls a function with this expression and every expression in it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Number(_)
            | Self::Time
            | Self::Vector(_)
            | Self::Nothing
            | Self::Select(_)
            | Self::Range { .. } => {}
            Self::Aggregate { of, .. }
            | Self::Top { of, .. }
            | Self::HistogramQuantile { of, .. }
            | Self::Round { of }
            | Self::Labelled { of, .. } => of.walk(visit),
            Self::Or { parts, .. } => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Self::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
        }
    }

    /// The same expression over other series: each selector is replaced by what a function makes of
    /// it.
    #[must_use]
    pub fn map_selectors(self, map: &impl Fn(Selector) -> Selector) -> Self {
        let shared = |of: Arc<Self>| Arc::new(Arc::unwrap_or_clone(of).map_selectors(map));
        match self {
            Self::Number(_) | Self::Time | Self::Vector(_) | Self::Nothing => self,
            Self::Select(selector) => Self::Select(map(selector)),
            Self::Range { function, selector, window } => {
                Self::Range { function, selector: map(selector), window }
            }
            Self::Aggregate { operation, by, of } => Self::Aggregate { operation, by, of: shared(of) },
            Self::Top { number, of } => Self::Top { number, of: shared(of) },
            Self::HistogramQuantile { quantile, of } => Self::HistogramQuantile { quantile, of: shared(of) },
            Self::Round { of } => Self::Round { of: shared(of) },
            Self::Labelled { of, label, value } => Self::Labelled { of: shared(of), label, value },
            Self::Or { parts, matching } => {
                let parts = parts.into_iter().map(|part| part.map_selectors(map)).collect();
                Self::Or { parts, matching }
            }
            Self::Binary { operator, left, right, matching } => {
                Self::Binary { operator, left: shared(left), right: shared(right), matching }
            }
        }
    }
}
