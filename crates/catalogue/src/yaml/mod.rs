//! Reads a catalogue from YAML.
//!
//! The text is read into a tree whose every value knows its place, and the tree is read strictly:
//! all problems of one text are found in one run, each with line, column and the next step.
//! [`documents`] reads other texts into such trees.

mod earlier;
mod entry;
mod job;
pub mod keys;
mod node;
mod parse;
mod position;
mod positions;
mod problem;
mod syntax;
#[cfg(test)]
mod tests;
mod top;

pub use node::{Entry, Node, Value};
pub use parse::{MAX_BYTES, MAX_JOBS, Parsed, parse, parse_with};
pub use position::{Position, ends_line};
pub use positions::Positions;
pub use problem::{YamlError, YamlProblem};
pub use syntax::{Bounds, Explained, documents};
