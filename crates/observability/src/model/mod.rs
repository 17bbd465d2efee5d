//! The model: everything that follows from a catalogue, worked out once. Rules, dashboard, rule
//! tests, lints and the check of the runbook are views of it.

mod alert;
mod error;
mod recording;
mod schema;
mod settings;
mod work_out;

pub use alert::{Alert, JobClass, ValueClass};
pub use error::{ModelError, ModelProblem, ModelProblemKind};
pub use recording::RecordingRule;
pub use work_out::{Model, ModelBuilder};
