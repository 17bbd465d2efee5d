//! Expressions in one line.

use std::fmt;

use super::parts::{Joint, Opening, Replacement, Side, opening};
use super::selected::{write_offset, write_selected};
use crate::promql::expr::Expr;

/// The longest line that is not broken, in characters.
const WIDTH: usize = 100;
/// What a line is indented by, once.
pub(super) const INDENT: &str = "  ";

/// Writes the expression without a line break.
pub(super) fn flat(out: &mut impl fmt::Write, expression: &Expr) -> fmt::Result {
    match expression {
        Expr::Number(quantity) => out.write_str(&quantity.to_promql()),
        Expr::Time => out.write_str("time()"),
        Expr::Vector(quantity) => write!(out, "vector({})", quantity.to_promql()),
        Expr::Nothing => out.write_str("vector(time()) < 0"),
        Expr::Select(selector) => {
            write_selected(out, selector)?;
            write_offset(out, selector)
        }
        Expr::Range { function, selector, window } => {
            write!(out, "{}(", <&str>::from(function))?;
            write_selected(out, selector)?;
            write!(out, "[{window}]")?;
            write_offset(out, selector)?;
            out.write_char(')')
        }
        Expr::Aggregate { of, .. }
        | Expr::Top { of, .. }
        | Expr::HistogramQuantile { of, .. }
        | Expr::Round { of } => {
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
pub(super) fn fits(expression: &Expr, depth: usize) -> bool {
    flat(&mut Room(WIDTH.saturating_sub(depth * INDENT.len())), expression).is_ok()
}
