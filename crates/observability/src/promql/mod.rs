//! PromQL as a typed tree, for the part of the language that rules and panels need.
//!
//! It is a language alone: it knows no metric. [`Schema`] says which series there are; [`infer()`]
//! finds out what an expression yields, and refuses one that Prometheus would take and answer with
//! nothing, or with nonsense. An [`Expr`] prints itself as a person would lay it out.

mod build;
mod error;
mod expr;
mod faster;
mod infer;
mod labels;
mod print;
mod schema;
mod selector;
#[cfg(test)]
mod tests;

pub use error::ExpressionError;
pub use expr::{Aggregation, Expr, Matching, Operator, RangeFunction, Window};
pub use infer::{Yield, infer};
pub use labels::Labels;
pub(crate) use print::Quoted;
pub use schema::{LabelSchema, Schema, SeriesKind, SeriesSchema};
pub use selector::{Matcher, MatcherValue, Selector};
