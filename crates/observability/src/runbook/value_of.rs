//! The part of a text that is the value of a label.

use std::ops::Range;

use super::extent::sentence;
use super::field::Field;
use super::inline::Inline;
use super::label::Label;
use super::severities::severities;

/// Returns a part of a text as the value of a label, without the remarks around it.
pub(super) fn value_of(label: Label, text: &Inline, range: Range<usize>) -> Field {
    let value = &text.text[range.clone()];
    let part = match label {
        Label::Threshold => sentence(value),
        Label::Severity => severities(value).map_or(0..value.len(), |stated| stated.span),
        Label::Alert | Label::Alerts => 0..value.len(),
    };
    text.field(range.start + part.start..range.start + part.end)
}
