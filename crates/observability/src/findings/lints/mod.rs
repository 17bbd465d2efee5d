//! The standard lints, each in a file of its own.

mod alert_always_fires;
mod alert_never_fires;
mod catalogue_name_shared;
mod expression_invalid;
mod job_name_shared;
mod schedule_too_rare;
mod threshold_outside_buckets;
mod threshold_overruled;
mod window_exceeds_retention;
mod window_too_short;
mod windows;

use super::code::Code;
use super::lint::Lint;

/// Every standard lint.
pub static STANDARD: &[&Lint] = &[
    &alert_never_fires::LINT,
    &alert_always_fires::LINT,
    &threshold_outside_buckets::LINT,
    &threshold_overruled::LINT,
    &schedule_too_rare::LINT,
    &window_too_short::LINT,
    &window_exceeds_retention::LINT,
    &expression_invalid::LINT,
    &job_name_shared::LINT,
    &catalogue_name_shared::LINT,
];

/// The codes of the lints about several catalogues, which find nothing about one alone.
pub(super) const ABOUT_SEVERAL: [Code; 2] = [job_name_shared::LINT.code, catalogue_name_shared::LINT.code];
