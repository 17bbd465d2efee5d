//! The model: everything that follows from a catalogue, worked out once. Rules, dashboard, rule
//! tests, lints and the check of the runbook are views of it.

mod alert;
mod error;
mod escalation;
mod job_labels;
mod recording;
mod schema;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod work_out;

pub use crate::job_class::few;
pub use alert::{Alert, JobClass, Pace, ValueClass};
pub use error::{ModelError, ModelProblem, ModelProblemKind};
pub use escalation::{Escalation, SHORTEST as SHORTEST_ESCALATION};
pub use job_labels::{JOB_LABELS, JobLabels};
pub use recording::RecordingRule;
pub use state::JOB_STATE;
pub use work_out::{Model, ModelBuilder};
