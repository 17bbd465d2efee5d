//! The standard lints, each in a file of its own.

mod alert_always_fires;
mod alert_never_fires;
mod expression_invalid;
mod threshold_outside_buckets;
mod window_exceeds_retention;
mod window_too_short;
mod windows;

use super::lint::Lint;

/// Every standard lint.
pub static STANDARD: [&Lint; 6] = [
    &alert_never_fires::LINT,
    &alert_always_fires::LINT,
    &threshold_outside_buckets::LINT,
    &window_too_short::LINT,
    &window_exceeds_retention::LINT,
    &expression_invalid::LINT,
];
