//! Findings: what no reader of the rules sees, each with a code that can be explained and
//! suppressed.

mod code;
mod finding;
mod lint;
mod lints;
mod suppress;
#[cfg(test)]
mod tests;

pub use code::{Code, Level};
pub use finding::{Finding, Location, Source, Suppressed, sort};
pub use lint::{Lint, Subject};
pub use lints::STANDARD;
pub use suppress::{SUPPRESSION_UNKNOWN, SUPPRESSION_UNUSED, suppress};
