//! The proof that rules keep what a runbook promises: scenarios of each job, what Prometheus makes
//! of them, and a table of both.
//!
//! A [`Plan`] has the scenarios: in some of them a job is well, in the others something is wrong
//! from one moment to another. It writes them as files for `promtool test rules`, whoever calls it
//! runs promtool, and [`Report::new`] judges what promtool printed. The rules may be
//! those of the model or anybody's.

mod best;
mod case;
mod course;
mod failure_modes;
mod observed;
mod plan;
mod report;
mod steps;
#[cfg(test)]
mod tests;
mod well;

pub use case::{Best, Case, Trouble};
pub use observed::{Firing, Observed, ObservedError};
pub use plan::{Plan, Rules, Simulation, Wanted};
pub use report::{Cell, Judgement, Report};
