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
        Printer { out: f, indent: 0 }.expression(self, 0)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_selected(f, self)?;
        write_offset(f, self)
    }
}

/// Writes a selector without its offset, which stands behind a range.
fn write_selected(out: &mut impl fmt::Write, selector: &Selector) -> fmt::Result {
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

fn write_offset(out: &mut impl fmt::Write, selector: &Selector) -> fmt::Result {
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

/// Writes the expression without a line break.
fn flat(out: &mut impl fmt::Write, expression: &Expr) -> fmt::Result {
    match expression {
        Expr::Number(quantity) => out.write_str(&quantity.to_promql()),
        Expr::Time => out.write_str("time()"),
        Expr::Vector(quantity) => write!(out, "vector({})", quantity.to_promql()),
        Expr::Nothing => out.write_str("vector(time()) < 0"),
        Expr::Select(selector) => write!(out, "{selector}"),
        Expr::Range { function, selector, window } => {
            write!(out, "{}(", <&str>::from(function))?;
            write_selected(out, selector)?;
            write!(out, "[{window}]")?;
            write_offset(out, selector)?;
            out.write_char(')')
        }
        Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
            let Opening { name, first } = opening(expression);
            write!(out, "{name}(")?;
            first.map_or(Ok(()), |first| write!(out, "{first}, "))?;
            flat(out, of)?;
            out.write_char(')')
        }
        Expr::Labelled { of, label, value } => {
            out.write_str("label_replace(")?;
            flat(out, of)?;
            write!(out, ", {})", Replacement { label, value })
        }
        Expr::Or { parts, .. } => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(out, " {} ", Joint(expression))?;
                }
                flat_operand(out, expression, part)?;
            }
            Ok(())
        }
        Expr::Binary { left, right, .. } => {
            flat_operand(out, expression, left)?;
            write!(out, " {} ", Joint(expression))?;
            flat_operand(out, expression, right)
        }
    }
}

/// Writes one side of an expression without a line break.
fn flat_operand(out: &mut impl fmt::Write, parent: &Expr, part: &Expr) -> fmt::Result {
    if Side::of(parent, part).is_clear {
        return flat(out, part);
    }
    out.write_char('(')?;
    flat(out, part)?;
    out.write_char(')')
}

/// How many characters a line still has room for. What is written is counted, and refused as soon
/// as it is too long: a long expression is not written out to find that it is.
struct Room(usize);

impl fmt::Write for Room {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(part.chars().count()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Returns whether an expression fits into one line `depth` levels in.
fn fits(expression: &Expr, depth: usize) -> bool {
    flat(&mut Room(WIDTH.saturating_sub(depth * INDENT.len())), expression).is_ok()
}

/// Returns whether an expression takes several lines `depth` levels in.
fn is_broken(expression: &Expr, depth: usize) -> bool {
    if fits(expression, depth) {
        return false;
    }
    match expression {
        Expr::Number(_)
        | Expr::Time
        | Expr::Vector(_)
        | Expr::Nothing
        | Expr::Select(_)
        | Expr::Range { .. } => false,
        Expr::Aggregate { .. }
        | Expr::Top { .. }
        | Expr::HistogramQuantile { .. }
        | Expr::Labelled { .. }
        | Expr::Or { .. } => true,
        Expr::Binary { left, right, .. } => match (left.as_ref(), right.as_ref()) {
            (Expr::Number(_) | Expr::Time, right) => is_broken(right, depth),
            (Expr::Select(_), Expr::Number(_)) => false,
            _ => true,
        },
    }
}

/// Writes expressions with line breaks.
struct Printer<'a, W> {
    out: &'a mut W,
    /// How many levels new lines are indented.
    indent: usize,
}

impl<W: fmt::Write> Printer<'_, W> {
    /// Writes the expression with line breaks where it would be too wide `depth` levels in.
    fn expression(&mut self, expression: &Expr, depth: usize) -> fmt::Result {
        match fits(expression, depth) {
            true => flat(self.out, expression),
            false => self.broken(expression, depth),
        }
    }

    fn broken(&mut self, expression: &Expr, depth: usize) -> fmt::Result {
        match expression {
            Expr::Number(_)
            | Expr::Time
            | Expr::Vector(_)
            | Expr::Nothing
            | Expr::Select(_)
            | Expr::Range { .. } => flat(self.out, expression),
            Expr::Aggregate { of, .. } | Expr::Top { of, .. } | Expr::HistogramQuantile { of, .. } => {
                let Opening { name, first } = opening(expression);
                self.out.write_str(&name)?;
                self.in_parentheses(|inner| {
                    // A quantile or a number stands on a line of its own, before what it is taken of.
                    if let Some(first) = first {
                        write!(inner.out, "{first},")?;
                        inner.line()?;
                    }
                    inner.expression(of, depth + 1)
                })
            }
            Expr::Labelled { of, label, value } => {
                self.out.write_str("label_replace")?;
                self.in_parentheses(|inner| {
                    inner.expression(of, depth + 1)?;
                    inner.out.write_char(',')?;
                    inner.line()?;
                    write!(inner.out, "{}", Replacement { label, value })
                })
            }
            Expr::Or { parts, .. } => {
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        self.line_of(expression)?;
                    }
                    self.operand(expression, part, depth)?;
                }
                Ok(())
            }
            Expr::Binary { left, right, .. } => {
                if let (Expr::Select(_), Expr::Number(_)) = (left.as_ref(), right.as_ref()) {
                    return flat(self.out, expression);
                }
                self.operand(expression, left, depth)?;
                match (left.as_ref(), right.as_ref()) {
                    (Expr::Number(_) | Expr::Time, _) => write!(self.out, " {} ", Joint(expression))?,
                    (_, Expr::Number(_)) => {
                        self.line()?;
                        write!(self.out, "{} ", Joint(expression))?;
                    }
                    _ => self.line_of(expression)?,
                }
                self.operand(expression, right, depth)
            }
        }
    }

    /// Writes one side of an expression, in parentheses where it binds less tightly, or where a
    /// reader would have to think.
    fn operand(&mut self, parent: &Expr, part: &Expr, depth: usize) -> fmt::Result {
        let side = Side::of(parent, part);
        match (side.is_clear, side.binds && is_broken(part, depth)) {
            (true, false) => self.expression(part, depth),
            (true, true) if side.are_sets => self.expression(part, depth),
            (_, true) => self.in_parentheses(|inner| inner.expression(part, depth)),
            (false, false) => {
                self.out.write_char('(')?;
                self.expression(part, depth)?;
                self.out.write_char(')')
            }
        }
    }

    /// Writes parentheses, with lines between them that are indented once more.
    fn in_parentheses(&mut self, inner: impl FnOnce(&mut Self) -> fmt::Result) -> fmt::Result {
        self.out.write_char('(')?;
        self.indent += 1;
        self.line()?;
        inner(self)?;
        self.indent -= 1;
        self.line()?;
        self.out.write_char(')')
    }

    /// Begins a line.
    fn line(&mut self) -> fmt::Result {
        self.out.write_char('\n')?;
        (0..self.indent).try_for_each(|_| self.out.write_str(INDENT))
    }

    /// Writes the operator of an expression on a line of its own, and begins another one.
    fn line_of(&mut self, expression: &Expr) -> fmt::Result {
        self.line()?;
        write!(self.out, "{}", Joint(expression))?;
        self.line()
    }
}

/// What stands before the argument of an aggregation or a function.
struct Opening {
    /// What stands before the parenthesis.
    name: String,
    /// The argument before the one that is an expression.
    first: Option<String>,
}

fn opening(expression: &Expr) -> Opening {
    let (name, first) = match expression {
        Expr::Aggregate { operation, by, .. } if by.is_empty() => (<&str>::from(operation).to_owned(), None),
        Expr::Aggregate { operation, by, .. } => {
            (format!("{} by ({}) ", <&str>::from(operation), by.join(", ")), None)
        }
        Expr::Top { number, .. } => ("topk".to_owned(), Some(number.to_string())),
        Expr::HistogramQuantile { quantile, .. } => {
            ("histogram_quantile".to_owned(), Some(quantile.to_promql()))
        }
        _ => (String::new(), None),
    };
    Opening { name, first }
}

/// What `label_replace` needs to set a label, whatever there was before.
struct Replacement<'a> {
    label: &'a str,
    value: &'a str,
}

impl fmt::Display for Replacement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A dollar sign would stand for a part of what the empty pattern matched.
        let value = self.value.replace('$', "$$");
        write!(f, "\"{}\", \"{}\", \"\", \"\"", self.label, Quoted(&value))
    }
}

/// The operator of an expression with its matching. Nothing if it has none.
struct Joint<'a>(&'a Expr);

impl<'a> Joint<'a> {
    fn parts(&self) -> Option<(&'static str, &'a Matching)> {
        match self.0 {
            Expr::Binary { operator, matching, .. } => Some((operator.as_str(), matching)),
            Expr::Or { matching, .. } => Some(("or", matching)),
            _ => None,
        }
    }
}

impl fmt::Display for Joint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((operator, matching)) = self.parts() else { return Ok(()) };
        match matching {
            Matching::AllLabels => f.write_str(operator),
            Matching::On(labels) => write!(f, "{operator} on ({})", labels.join(", ")),
            Matching::OnManyToOne(labels) => {
                write!(f, "{operator} on ({}) group_left ()", labels.join(", "))
            }
            Matching::OnWithLabels { on, labels } => {
                write!(f, "{operator} on ({}) group_left ({})", on.join(", "), labels.join(", "))
            }
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

/// How a part of an expression stands in it.
#[derive(Debug, Clone, Copy)]
struct Side {
    /// Whether a reader takes it for a part without parentheses.
    is_clear: bool,
    /// Whether it could be taken for something else at all.
    binds: bool,
    /// Whether both are set operations.
    are_sets: bool,
}

impl Side {
    fn of(parent: &Expr, part: &Expr) -> Self {
        let (Some((outer, outer_is_set)), Some((inner, inner_is_set))) = (binding(parent), binding(part))
        else {
            return Self { is_clear: true, binds: false, are_sets: false };
        };
        let is_left = match parent {
            Expr::Binary { left, .. } => std::ptr::eq(left.as_ref(), part),
            _ => false,
        };
        let are_sets = outer_is_set && inner_is_set;
        let is_clear = if are_sets {
            is_left && Joint(parent).parts() == Joint(part).parts()
        } else {
            let is_condition = outer_is_set && outer > 1 && !is_left;
            inner > outer && !is_condition
        };
        Self { is_clear, binds: true, are_sets }
    }
}
