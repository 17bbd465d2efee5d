//! PromQL that anybody wrote, read into a tree whose every part knows its bytes.
//!
//! [`crate::promql`] is for expressions that are made here, and can say no others. This one reads
//! all that Prometheus does, refuses what it refuses, and is bounded: neither a long text nor a
//! deeply nested one takes more than a moment. `promql-parser` knows no places, and judges this
//! one in tests.

mod check;
mod duration;
mod error;
mod function;
mod node;
mod operator;
mod parse;
mod primary;
mod regex;
#[cfg(test)]
mod tests;
mod token;
mod tokenize;

pub use duration::seconds;
pub use error::QueryError;
pub use function::{Function, ValueType};
pub use node::{Grouping, Kind, MatchOperator, Matcher, Matching, Node, Selector, Taken};
pub use operator::{Aggregation, Operator};
pub use parse::{MAX_BYTES, parse};
pub(crate) use regex::regex;
