//! What expressions are made of, apart from other expressions.

use std::fmt;

use super::quoted::Quoted;
use crate::promql::expr::{Expr, Matching, Operator};

/// What stands before the argument of an aggregation or a function.
pub(super) struct Opening {
    /// What stands before the parenthesis.
    pub(super) name: String,
    /// The argument before the one that is an expression.
    pub(super) first: Option<String>,
}

/// Returns what stands before the argument of an expression that has one.
pub(super) fn opening(expression: &Expr) -> Opening {
    let (name, first) = match expression {
        Expr::Aggregate { operation, by, .. } if by.is_empty() => (<&str>::from(operation).to_owned(), None),
        Expr::Aggregate { operation, by, .. } => {
            (format!("{} by ({}) ", <&str>::from(operation), by.join(", ")), None)
        }
        Expr::Top { number, .. } => ("topk".to_owned(), Some(number.to_string())),
        Expr::HistogramQuantile { quantile, .. } => {
            ("histogram_quantile".to_owned(), Some(quantile.to_promql()))
        }
        Expr::Round { .. } => ("round".to_owned(), None),
        _ => (String::new(), None),
    };
    Opening { name, first }
}

/// What `label_replace` needs to set a label, whatever there was before.
pub(super) struct Replacement<'a> {
    /// The label's name.
    pub(super) label: &'a str,
    /// Its value.
    pub(super) value: &'a str,
}

impl fmt::Display for Replacement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A dollar sign would stand for a part of what the empty pattern matched.
        let value = self.value.replace('$', "$$");
        write!(f, "\"{}\", \"{}\", \"\", \"\"", self.label, Quoted(&value))
    }
}

/// The operator of an expression with its matching. Nothing if it has none.
pub(super) struct Joint<'a>(pub(super) &'a Expr);

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
pub(super) struct Side {
    /// Whether a reader takes it for a part without parentheses.
    pub(super) is_clear: bool,
    /// Whether it could be taken for something else at all.
    pub(super) binds: bool,
    /// Whether both are set operations.
    pub(super) are_sets: bool,
}

impl Side {
    /// Returns how a part stands in an expression.
    pub(super) fn of(parent: &Expr, part: &Expr) -> Self {
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
