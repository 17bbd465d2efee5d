//! The standard lints of rules, each in a file of its own.

mod absent_joined;
mod absent_without_for;
mod alert_labels_shared;
mod alert_without_comparison;
mod comparison_always_holds;
pub(super) mod comparison_never_holds;
mod counter_compared;
mod duplicate;
mod for_calendar;
mod for_too_long;
mod key_unknown;
mod label_grouped;
mod label_unknown;
mod metric_unknown;
mod quantile_without_le;
mod range_beyond_retention;
mod range_samples;
mod range_too_short;
mod rate_of_gauge;
mod recorded_elsewhere;
mod recorded_later;
mod regex_expensive;
mod regex_useless;
mod runbook_missing;
mod runbook_section_missing;
mod sides_never_match;
mod template_label_missing;
mod value_in_label;

use super::lint::RuleLint;

/// Every standard lint of rules.
pub(super) static STANDARD: &[&RuleLint] = &[
    &sides_never_match::LINT,
    &absent_joined::LINT,
    &absent_without_for::LINT,
    &comparison_never_holds::LINT,
    &comparison_always_holds::LINT,
    &alert_without_comparison::LINT,
    &for_too_long::LINT,
    &counter_compared::LINT,
    &rate_of_gauge::LINT,
    &quantile_without_le::LINT,
    &range_too_short::LINT,
    &range_beyond_retention::LINT,
    &metric_unknown::LINT,
    &label_unknown::LINT,
    &template_label_missing::LINT,
    &value_in_label::LINT,
    &recorded_later::LINT,
    &recorded_elsewhere::LINT,
    &duplicate::LINT,
    &alert_labels_shared::LINT,
    &runbook_missing::LINT,
    &runbook_section_missing::LINT,
    &regex_useless::LINT,
    &regex_expensive::LINT,
    &key_unknown::LINT,
];
