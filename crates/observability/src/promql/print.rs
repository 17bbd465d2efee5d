//! Lays expressions out as a person would: on one line while it fits, else an operand, an operator and an operand on lines of
//! their own, and what stands in parentheses indented.

use std::fmt::{self, Write as _};
use std::time::Duration;

use jobwatch_catalogue::duration;

use super::expr::{Aggregation, Expr, Matching, Operator, RangeFunction, Window};
use super::selector::{Matcher, MatcherValue, Selector};

/// The longest line that is not broken, in characters.
const WIDTH: usize = 100;
const INDENT: &str = "  ";
/// How many leaves fit in a line at most, each with an operator of one character before it and spaces around that.
const MOST_LEAVES: usize = WIDTH / 4 + 1;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&laid_out(self, 0))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.series.name())?;
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
            MatcherValue::Equal(value) => write!(f, "{}=\"{}\"", self.label, escaped(value)),
            MatcherValue::OneOf(values) => {
                write!(f, "{}=~\"", self.label)?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { "|" }, escaped(&literal(value)))?;
                }
                f.write_char('"')
            }
            MatcherValue::Variable(variable) => write!(f, "{}=~\"${variable}\"", self.label),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(number) => f.write_str(&seconds(*number)),
            Self::RateInterval => f.write_str("$__rate_interval"),
            Self::DashboardRange => f.write_str("$__range"),
        }
    }
}

impl RangeFunction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Increase => "increase",
            Self::LastOverTime | Self::SinceStart => "last_over_time",
        }
    }
}

impl Aggregation {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Min => "min",
            Self::Count => "count",
            Self::Group => "group",
        }
    }
}

fn seconds(number: u64) -> String {
    duration::format(Duration::from_secs(number))
}

/// Escapes a text for a double-quoted string.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// A regular expression that matches a text alone. Characters with a meaning stand in brackets, which need no second escaping.
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

/// The expression without a line break.
fn flat(expression: &Expr) -> String {
    match expression {
        Expr::Number(quantity) => quantity.to_promql(),
        Expr::Time => "time()".to_owned(),
        Expr::Vector(quantity) => format!("vector({})", quantity.to_promql()),
        Expr::Select(selector) => selector.to_string(),
        Expr::Range { function, selector, window } => {
            format!("{}({})", function.as_str(), ranged(selector, *window))
        }
        Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
            format!("{}{})", opening(expression), flat(of))
        }
        Expr::Binary { left, right, .. } => {
            let operator = joint(expression);
            format!("{} {operator} {}", operand(expression, left, flat), operand(expression, right, flat))
        }
    }
}

/// How many selectors, figures and the like an expression has, or some number above the limit. Long chains of `or` lean to the
/// left, so counting from the right is soon over.
fn leaves(expression: &Expr, limit: usize) -> usize {
    match expression {
        Expr::Number(_) | Expr::Time | Expr::Vector(_) | Expr::Select(_) | Expr::Range { .. } => 1,
        Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
            leaves(of, limit)
        }
        Expr::Binary { left, right, .. } => match leaves(right, limit) {
            count if count > limit => count,
            count => count + leaves(left, limit - count),
        },
    }
}

/// The expression with line breaks where it would be too wide `depth` levels in.
fn laid_out(expression: &Expr, depth: usize) -> String {
    if leaves(expression, MOST_LEAVES) <= MOST_LEAVES {
        let line = flat(expression);
        if depth * INDENT.len() + line.chars().count() <= WIDTH {
            return line;
        }
    }
    match expression {
        Expr::Number(_) | Expr::Time | Expr::Vector(_) | Expr::Select(_) | Expr::Range { .. } => {
            flat(expression)
        }
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

/// What stands before the argument of an aggregation or a function, with its parenthesis.
fn opening(expression: &Expr) -> String {
    match expression {
        Expr::Aggregate { operation, by, .. } if by.is_empty() => format!("{}(", operation.as_str()),
        Expr::Aggregate { operation, by, .. } => format!("{} by ({}) (", operation.as_str(), by.join(", ")),
        Expr::Top { number, .. } => format!("topk({number}, "),
        Expr::HistogramQuantile { quantile, .. } => format!("histogram_quantile({}, ", quantile.to_promql()),
        _ => String::new(),
    }
}

/// The operator of a binary expression with its matching.
fn joint(expression: &Expr) -> String {
    let Expr::Binary { operator, matching, .. } = expression else { return String::new() };
    let operator = operator.as_str();
    match matching {
        Matching::AllLabels => operator.to_owned(),
        Matching::On(labels) => format!("{operator} on ({})", labels.join(", ")),
        Matching::OnManyToOne(labels) => format!("{operator} on ({}) group_left ()", labels.join(", ")),
    }
}

/// One side of a binary expression, in parentheses where it binds less tightly, or where a reader would have to think.
fn operand(parent: &Expr, part: &Expr, print: impl Fn(&Expr) -> String) -> String {
    let text = print(part);
    let (Expr::Binary { operator, left, .. }, Expr::Binary { operator: inner, .. }) = (parent, part) else {
        return text;
    };
    let is_left = std::ptr::eq(left.as_ref(), part);
    let clear = if operator.is_set() && inner.is_set() {
        is_left && operator == inner
    } else {
        let right_of_set = !is_left && matches!(operator, Operator::And | Operator::Unless);
        inner.precedence() > operator.precedence() && !right_of_set
    };
    match (clear, text.contains('\n')) {
        (true, false) => text,
        (true, true) if operator.is_set() && inner.is_set() => text,
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
