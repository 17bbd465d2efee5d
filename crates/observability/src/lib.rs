//! What we watch about background jobs, why, and what to do: signals, alert rules, a dashboard, and the check of a runbook.
//!
//! Everything is a pure function of a catalogue and of texts: nothing here opens a file, reads the clock or the environment,
//! or prints.

pub mod alerts;
pub mod artifact;
pub mod check;
pub mod code;
pub mod condition;
pub mod dashboard;
pub mod finding;
pub mod lint;
pub mod promql;
pub mod proof;
pub mod rules;
pub mod runbook;
pub mod severity;
pub mod signals;
