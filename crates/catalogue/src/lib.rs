//! The words that recording and watching background jobs share.
//!
//! A [`Catalogue`] says which jobs there are; [`metric`] and [`label`] say what a process that runs
//! them exposes. The job runtime schedules from the one and registers the other; the generator of
//! rules and dashboards computes from the one and queries the other. Neither depends on its
//! counterpart, and nothing here does input or output, reads the clock or spawns a task.
//!
//! Which alerts there are, what thresholds they have and in what units is not said here: a
//! catalogue carries overrides of thresholds as they are written, and the generator, which defines
//! the alerts, reads them.
//!
//! With the feature `yaml`, [`yaml::parse`] reads a catalogue from a text, with line and column for
//! every error.

mod builder;
pub mod catalogue;
mod clock_change;
pub mod cron;
mod difference;
pub mod duration;
mod expression;
pub mod job;
pub mod job_name;
pub mod kubernetes;
pub mod label;
pub mod metric;
mod occurrences;
pub mod problem;
pub mod schedule;
#[cfg(feature = "yaml")]
pub mod suggestion;
mod suppression;
pub mod text;
pub mod threshold;
mod validate;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use builder::CatalogueBuilder;
pub use catalogue::Catalogue;
pub use difference::{AdditionError, Difference};
pub use job::{JobDraft, JobSpec};
pub use job_name::JobName;
pub use kubernetes::Kubernetes;
pub use metric::DURATION_BUCKETS_SECONDS;
pub use problem::{CatalogueError, Problem, ProblemKind};
pub use schedule::Schedule;
pub use suppression::Suppression;
pub use threshold::{ThresholdOverride, Thresholds};

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
