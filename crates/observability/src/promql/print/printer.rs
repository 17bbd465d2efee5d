//! Expressions in as many lines as they need.

use std::fmt;

use super::line::{INDENT, fits, flat};
use super::parts::{Joint, Opening, Replacement, Side, opening};
use crate::promql::expr::Expr;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { out: f, indent: 0 }.expression(self, 0)
    }
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
        | Expr::Round { .. }
        | Expr::Labelled { .. }
        | Expr::Or { .. } => true,
        Expr::Binary { left, right, .. } => match (left.as_ref(), right.as_ref()) {
            (Expr::Number(_) | Expr::Time, right) => is_broken(right, depth),
            (Expr::Select(_), Expr::Number(_)) => false,
            _ => true,
        },
    }
}

/// Returns whether an expression is a constant under labels of its own.
fn is_row(expression: &Expr) -> bool {
    let Expr::Labelled { of, .. } = expression else { return false };
    match of.as_ref() {
        Expr::Binary { left, right, .. } => {
            matches!((left.as_ref(), right.as_ref()), (Expr::Vector(_), Expr::Number(_)))
        }
        of => is_row(of),
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
            Expr::Aggregate { of, .. }
            | Expr::Top { of, .. }
            | Expr::HistogramQuantile { of, .. }
            | Expr::Round { of } => {
                let Opening { name, first } = opening(expression);
                self.out.write_str(&name)?;
                self.in_parentheses(|inner| {
                    // A quantile or a number stands on a line of its own, before what it is taken
                    // of.
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
                    match index {
                        0 => {}
                        // A table of constants has one line a row.
                        _ if is_row(part) && fits(part, depth) => {
                            self.line()?;
                            write!(self.out, "{} ", Joint(expression))?;
                        }
                        _ => self.line_of(expression)?,
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
