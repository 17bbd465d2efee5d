//! PromQL as a typed tree, for the part of the language that rules and panels here use.
//!
//! An expression is built from metrics and signals, not from text. [`check`](check::check) infers labels and units and refuses
//! an expression that Prometheus would take and answer with nothing, or with nonsense; [`print`] lays it out as a person would.

pub mod check;
mod expr;
mod print;
mod selector;
#[cfg(test)]
mod tests;

pub use expr::{Aggregation, Expr, Matching, Operator, RangeFunction, Window};
pub use selector::{Matcher, MatcherValue, Selector, Series};
