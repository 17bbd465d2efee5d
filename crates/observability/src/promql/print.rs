//! Lays expressions out as a person would: on one line while it fits, else an operand, an operator
//! and an operand on lines of their own, and what stands in parentheses indented.

use std::fmt::{self, Write as _};
use std::time::Duration;

use jobwatch_catalogue::duration;

use super::expr::{Expr, Matching, Operator, Window};
use super::selector::{Matcher, MatcherValue, Selector};

/// The longest line that is not broken, in characters.
const WIDTH: usize = 100;
const INDENT: &str = "  ";

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&laid_out(self, 0))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.series)?;
        if !self.matchers.is_empty() {
            f.write_char('{')?;
            for (index, matcher) in self.matchers.iter().enumerate() {
                write!(f, "{}{matcher}", if index == 0 { "" } else { ", " })?;
            }
            f.write_char('}')?;
        }
        if self.offset > 0 {
            write!(f, " offset {}", seconds(self.offset))?;
        }
        Ok(())
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

/// A text within a double-quoted string: whatever it holds, the string ends where it should.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Grafana takes `$` and `[[` for variables, wherever they stand.
        if !self.0.contains(|c: char| c.is_control() || matches!(c, '\\' | '"' | '$' | '[')) {
            return f.write_str(self.0);
        }
        let mut before = ' ';
        for c in self.0.chars() {
            match c {
                '$' => f.write_str("\\x24")?,
                '[' if before == '[' => f.write_str("\\x5b")?,
                '\\' | '"' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
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

/// Returns the expression without a line break.
fn flat(expression: &Expr) -> String {
    match expression {
        Expr::Number(quantity) => quantity.to_promql(),
        Expr::Time => "time()".to_owned(),
        Expr::Vector(quantity) => format!("vector({})", quantity.to_promql()),
        Expr::Nothing => "vector(time()) < 0".to_owned(),
        Expr::Select(selector) => selector.to_string(),
        Expr::Range { function, selector, window } => {
            format!("{}({})", <&str>::from(function), ranged(selector, *window))
        }
        Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
            format!("{}{})", opening(expression), flat(of))
        }
        Expr::Labelled { of, label, value } => {
            format!("label_replace({}, {})", flat(of), replacement(label, value))
        }
        Expr::Or { parts, .. } => {
            let parts: Vec<String> = parts.iter().map(|part| operand(expression, part, flat)).collect();
            parts.join(&format!(" {} ", joint(expression)))
        }
        Expr::Binary { left, right, .. } => {
            let operator = joint(expression);
            format!("{} {operator} {}", operand(expression, left, flat), operand(expression, right, flat))
        }
    }
}

/// Returns the fewest characters that an expression takes on one line, or some number above the
/// limit: so that a long one is not written out to find that it is too long.
fn least_width(expression: &Expr, limit: usize) -> usize {
    match expression {
        Expr::Number(_) => 1,
        Expr::Time => "time()".len(),
        Expr::Vector(_) => "vector()".len(),
        Expr::Nothing => "vector(time()) < 0".len(),
        Expr::Select(selector) | Expr::Range { selector, .. } => {
            let values = |value: &MatcherValue| match value {
                MatcherValue::Equal(value) => value.chars().count(),
                MatcherValue::OneOf(values) | MatcherValue::NoneOf(values) => {
                    values.iter().map(String::len).sum()
                }
                MatcherValue::Variable(name) | MatcherValue::VariableOrNone(name) => name.len(),
            };
            let matchers = selector.matchers.iter();
            selector.series.len()
                + matchers.map(|matcher| matcher.label.len() + values(&matcher.value)).sum::<usize>()
        }
        Expr::Aggregate { of, by, .. } => by.iter().map(String::len).sum::<usize>() + least_width(of, limit),
        Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => least_width(of, limit),
        Expr::Labelled { of, label, value } => label.len() + value.chars().count() + least_width(of, limit),
        Expr::Or { parts, .. } => {
            let mut width = 0;
            for part in parts {
                if width > limit {
                    break;
                }
                width += least_width(part, limit - width);
            }
            width
        }
        Expr::Binary { left, right, .. } => match least_width(right, limit) {
            width if width > limit => width,
            width => width + least_width(left, limit - width),
        },
    }
}

/// Returns the expression with line breaks where it would be too wide `depth` levels in.
fn laid_out(expression: &Expr, depth: usize) -> String {
    let room = WIDTH.saturating_sub(depth * INDENT.len());
    if least_width(expression, room) <= room {
        let line = flat(expression);
        if line.chars().count() <= room {
            return line;
        }
    }
    match expression {
        Expr::Number(_)
        | Expr::Time
        | Expr::Vector(_)
        | Expr::Nothing
        | Expr::Select(_)
        | Expr::Range { .. } => flat(expression),
        Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
            let opening = opening(expression);
            let (first, second) = opening.split_once('(').unwrap_or((&opening, ""));
            // A quantile or a number stands on a line of its own, before what it is taken of.
            let (first, second) = match expression {
                Expr::Top { .. } | Expr::HistogramQuantile { .. } => {
                    (format!("{first}("), format!("{}\n", second.trim_end()))
                }
                _ => (opening.clone(), String::new()),
            };
            format!("{first}\n{}\n)", indented(&format!("{second}{}", laid_out(of, depth + 1))))
        }
        Expr::Labelled { of, label, value } => {
            let inner = format!("{},\n{}", laid_out(of, depth + 1), replacement(label, value));
            format!("label_replace(\n{}\n)", indented(&inner))
        }
        Expr::Or { parts, .. } => {
            let part = |part: &Expr| operand(expression, part, |inner| laid_out(inner, depth));
            parts.iter().map(part).collect::<Vec<_>>().join(&format!("\n{}\n", joint(expression)))
        }
        Expr::Binary { left, right, .. } => {
            let part = |part: &Expr| operand(expression, part, |inner| laid_out(inner, depth));
            let joint = joint(expression);
            match (left.as_ref(), right.as_ref()) {
                (Expr::Number(_) | Expr::Time, _) => format!("{} {joint} {}", part(left), part(right)),
                (Expr::Select(_), Expr::Number(_)) => flat(expression),
                (_, Expr::Number(_)) => format!("{}\n{joint} {}", part(left), part(right)),
                _ => format!("{}\n{joint}\n{}", part(left), part(right)),
            }
        }
    }
}

/// Returns what stands before the argument of an aggregation or a function, with its parenthesis.
fn opening(expression: &Expr) -> String {
    match expression {
        Expr::Aggregate { operation, by, .. } if by.is_empty() => format!("{}(", <&str>::from(operation)),
        Expr::Aggregate { operation, by, .. } => {
            format!("{} by ({}) (", <&str>::from(operation), by.join(", "))
        }
        Expr::Top { number, .. } => format!("topk({number}, "),
        Expr::HistogramQuantile { quantile, .. } => format!("histogram_quantile({}, ", quantile.to_promql()),
        _ => String::new(),
    }
}

/// Returns what `label_replace` needs to set a label, whatever there was before.
fn replacement(label: &str, value: &str) -> String {
    // A dollar sign would stand for a part of what the empty pattern matched.
    let value = value.replace('$', "$$");
    format!("\"{label}\", \"{}\", \"\", \"\"", Quoted(&value))
}

/// Returns the operator of an expression with its matching.
fn joint(expression: &Expr) -> String {
    let (operator, matching) = match expression {
        Expr::Binary { operator, matching, .. } => (operator.as_str(), matching),
        Expr::Or { matching, .. } => ("or", matching),
        _ => return String::new(),
    };
    match matching {
        Matching::AllLabels => operator.to_owned(),
        Matching::On(labels) => format!("{operator} on ({})", labels.join(", ")),
        Matching::OnManyToOne(labels) => format!("{operator} on ({}) group_left ()", labels.join(", ")),
        Matching::OnWithLabels { on, labels } => {
            format!("{operator} on ({}) group_left ({})", on.join(", "), labels.join(", "))
        }
    }
}

/// Returns how tightly an expression binds, and whether it is a set operation. `None` for what
/// needs no parentheses anywhere.
fn binding(expression: &Expr) -> Option<(u8, bool)> {
    match expression {
        Expr::Or { .. } => Some((1, true)),
        Expr::Nothing => Some((Operator::Less.precedence(), false)),
        Expr::Binary { operator, .. } => Some((operator.precedence(), operator.is_set())),
        _ => None,
    }
}

/// Returns one side of an expression, in parentheses where it binds less tightly, or where a reader
/// would have to think.
fn operand(parent: &Expr, part: &Expr, print: impl Fn(&Expr) -> String) -> String {
    let text = print(part);
    let (Some((outer, outer_is_set)), Some((inner, inner_is_set))) = (binding(parent), binding(part)) else {
        return text;
    };
    let is_left = match parent {
        Expr::Binary { left, .. } => std::ptr::eq(left.as_ref(), part),
        _ => false,
    };
    let clear = if outer_is_set && inner_is_set {
        is_left && joint(parent) == joint(part)
    } else {
        let is_condition = outer_is_set && outer > 1 && !is_left;
        inner > outer && !is_condition
    };
    match (clear, text.contains('\n')) {
        (true, false) => text,
        (true, true) if outer_is_set && inner_is_set => text,
        (_, true) => format!("(\n{}\n)", indented(&text)),
        (false, false) => format!("({text})"),
    }
}

fn ranged(selector: &Selector, window: Window) -> String {
    let offset =
        if selector.offset > 0 { format!(" offset {}", seconds(selector.offset)) } else { String::new() };
    let selector = Selector { offset: 0, ..selector.clone() };
    format!("{selector}[{window}]{offset}")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("{INDENT}{line}")).collect::<Vec<_>>().join("\n")
}
