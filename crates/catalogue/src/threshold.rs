//! Figures that a catalogue sets in place of an alert's defaults.

use std::collections::BTreeMap;

use crate::alert::AlertName;
use crate::quantity::Quantity;

/// Overrides by alert.
pub type Thresholds = BTreeMap<AlertName, ThresholdOverride>;

/// What a catalogue says about one alert's figures; what it leaves out keeps its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThresholdOverride {
    /// The value above which the alert's condition holds.
    pub above: Option<Quantity>,
    /// The value from which on the alert's condition holds.
    pub at_least: Option<u64>,
    /// By what part a queue has to have grown, in millionths.
    pub growth: Option<u64>,
    /// Over how many seconds a queue has to have grown. For the whole catalogue only.
    pub over: Option<u64>,
    /// How many seconds the condition has to hold before the alert fires. For the whole catalogue only, because a rule
    /// has one `for`.
    pub hold: Option<u64>,
}

impl ThresholdOverride {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
