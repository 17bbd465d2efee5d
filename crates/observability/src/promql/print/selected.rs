//! How selectors and windows are written.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jobwatch_catalogue::duration;

use super::quoted::Quoted;
use crate::promql::expr::Window;
use crate::promql::selector::{Matcher, MatcherValue, Selector};

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_selected(f, self)?;
        write_offset(f, self)
    }
}

/// Writes a selector without its offset, which stands behind a range.
pub(super) fn write_selected(out: &mut impl fmt::Write, selector: &Selector) -> fmt::Result {
    out.write_str(selector.series)?;
    if selector.matchers.is_empty() {
        return Ok(());
    }
    for (index, matcher) in selector.matchers.iter().enumerate() {
        out.write_str(if index == 0 { "{" } else { ", " })?;
        write_matcher(out, matcher)?;
    }
    out.write_char('}')
}

pub(super) fn write_offset(out: &mut impl fmt::Write, selector: &Selector) -> fmt::Result {
    match selector.offset {
        0 => Ok(()),
        offset => write!(out, " offset {}", seconds(offset)),
    }
}

fn write_matcher(out: &mut impl fmt::Write, matcher: &Matcher) -> fmt::Result {
    out.write_str(&matcher.label)?;
    match &matcher.value {
        MatcherValue::Equal(value) => write_value(out, "=\"", value),
        MatcherValue::OneOf(values) if values.len() == 1 => write_value(out, "=\"", &values[0]),
        MatcherValue::NoneOf(values) if values.len() == 1 => write_value(out, "!=\"", &values[0]),
        MatcherValue::OneOf(values) => write_alternatives(out, "=~\"", values),
        MatcherValue::NoneOf(values) => write_alternatives(out, "!~\"", values),
        MatcherValue::Variable(variable) => write!(out, "=~\"${variable}\""),
        MatcherValue::VariableOrNone(variable) => write!(out, "=~\"${variable}|\""),
    }
}

/// Writes what stands behind a label: operator and opening quote, value, closing quote.
fn write_value(out: &mut impl fmt::Write, operator: &str, value: &str) -> fmt::Result {
    out.write_str(operator)?;
    Quoted(value).write_to(out)?;
    out.write_char('"')
}

fn write_alternatives(out: &mut impl fmt::Write, operator: &str, values: &[String]) -> fmt::Result {
    out.write_str(operator)?;
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.write_char('|')?;
        }
        Quoted(&literal(value)).write_to(out)?;
    }
    out.write_char('"')
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(number) => f.write_str(&seconds(*number)),
            Self::RateInterval => f.write_str("$__rate_interval"),
            Self::Interval => f.write_str("$__interval"),
        }
    }
}

fn seconds(number: u64) -> String {
    duration::format(Duration::from_secs(number))
}

/// Returns a regular expression that matches a text alone. Characters with a meaning stand in
/// brackets, which need no second escaping.
fn literal(text: &str) -> Cow<'_, str> {
    let in_brackets =
        |c: char| matches!(c, '.' | '+' | '*' | '?' | '(' | ')' | '|' | '{' | '}' | '$' | '[' | ']');
    let escaped = |c: char| matches!(c, '^' | '\\');
    if !text.contains(|c| in_brackets(c) || escaped(c)) {
        return Cow::Borrowed(text);
    }
    let mut expression = String::with_capacity(2 * text.len());
    for c in text.chars() {
        match c {
            c if in_brackets(c) => expression.extend(['[', c, ']']),
            c if escaped(c) => expression.extend(['\\', c]),
            c => expression.push(c),
        }
    }
    Cow::Owned(expression)
}
