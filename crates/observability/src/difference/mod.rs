//! What differs between two environments, or two commits: jobs, alerts, recorded series, groups of
//! rules, dashboards, panels.
//!
//! [`Facts`] are what is said about each thing, read from a model and the files that are written
//! for it, or from such files alone. [`all_differences`] compares the facts of two sides. What a
//! file says alone is compared as it is written: from an expression no threshold is guessed.

mod compare;
mod facts;
mod of_dashboards;
mod of_model;
mod of_rules;
mod read;
#[cfg(test)]
mod tests;

pub use compare::{Change, Difference, all_differences};
pub use facts::{Facts, Kind};
