//! How selectors and windows are written.

use std::fmt::{self, Write as _};
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
    out.write_char('{')?;
    for (index, matcher) in selector.matchers.iter().enumerate() {
        write!(out, "{}{matcher}", if index == 0 { "" } else { ", " })?;
    }
    out.write_char('}')
}

pub(super) fn write_offset(out: &mut impl fmt::Write, selector: &Selector) -> fmt::Result {
    match selector.offset {
        0 => Ok(()),
        offset => write!(out, " offset {}", seconds(offset)),
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            MatcherValue::Equal(value) => write!(f, "{}=\"{}\"", self.label, Quoted(value)),
            MatcherValue::OneOf(values) if values.len() == 1 => {
                write!(f, "{}=\"{}\"", self.label, Quoted(&values[0]))
            }
            MatcherValue::NoneOf(values) if values.len() == 1 => {
                write!(f, "{}!=\"{}\"", self.label, Quoted(&values[0]))
            }
            MatcherValue::OneOf(values) => write_alternatives(f, &self.label, "=~", values),
            MatcherValue::NoneOf(values) => write_alternatives(f, &self.label, "!~", values),
            MatcherValue::Variable(variable) => write!(f, "{}=~\"${variable}\"", self.label),
            MatcherValue::VariableOrNone(variable) => write!(f, "{}=~\"${variable}|\"", self.label),
        }
    }
}

fn write_alternatives(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    operator: &str,
    values: &[String],
) -> fmt::Result {
    write!(f, "{label}{operator}\"")?;
    for (index, value) in values.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { "|" }, Quoted(&literal(value)))?;
    }
    f.write_char('"')
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
fn literal(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '{' | '}' | '$' | '[' | ']' => {
                expression.push('[');
                expression.push(c);
                expression.push(']');
            }
            '^' | '\\' => {
                expression.push('\\');
                expression.push(c);
            }
            c => expression.push(c),
        }
    }
    expression
}
