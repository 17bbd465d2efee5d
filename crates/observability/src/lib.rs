//! What we watch about background jobs, why, and what to do: alert rules, a dashboard, and the
//! check of a runbook.
//!
//! [`Model`] works out once what follows from a catalogue; everything else is a view of it. All of
//! it is pure: nothing here opens a file, reads the clock or the environment, or prints.

mod alert_name;
pub mod alerts;
pub mod anchor;
pub mod artifact;
pub mod check;
mod comparison;
pub mod dashboard;
pub mod definition;
pub mod difference;
pub mod findings;
pub mod formats;
pub mod generator;
mod job_class;
pub mod job_state;
pub mod lookback;
pub mod model;
pub mod outline;
pub mod overlay;
mod parallel;
mod parameter;
pub mod promql;
pub mod proof;
pub mod quantity;
pub mod query;
pub mod rule_file;
pub mod rule_lint;
pub mod rule_tests;
pub mod rules;
pub mod runbook;
pub mod scenario;
pub mod scope;
pub mod sentence;
pub mod series;
pub mod severity;
pub mod target;
pub mod text;
pub mod views;

pub use generator::Generator;
pub use model::Model;

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
