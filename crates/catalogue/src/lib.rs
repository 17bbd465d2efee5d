//! The words that recording and watching background jobs share.
//!
//! A [`Catalogue`] says which jobs there are; [`metric`] and [`label`] say what a process that runs them exposes. The job
//! runtime schedules from the one and registers the other; the generator of rules and dashboards computes from the one and
//! queries the other. Neither depends on its counterpart, and nothing here does input or output, reads the clock or spawns
//! a task.
//!
//! With the feature `yaml`, [`yaml::parse`] reads a catalogue from a text, with line and column for every error; with
//! `yaml-write`, [`yaml_write::to_yaml`] writes one.

pub mod alert;
pub mod catalogue;
pub mod duration;
pub mod job;
pub mod job_name;
pub mod label;
pub mod metric;
pub mod quantity;
pub mod schedule;
pub mod threshold;
mod validate;
#[cfg(feature = "yaml")]
pub mod yaml;
#[cfg(feature = "yaml-write")]
pub mod yaml_write;

pub use alert::AlertName;
pub use catalogue::{Acceptance, Catalogue, CatalogueBuilder};
pub use job::{JobDraft, JobSpec};
pub use job_name::JobName;
pub use metric::DURATION_BUCKETS_SECONDS;
pub use quantity::{Quantity, Unit};
pub use schedule::Schedule;
pub use threshold::{ThresholdOverride, Thresholds};
pub use validate::{CatalogueError, Problem, ProblemKind};
