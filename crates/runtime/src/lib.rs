//! Runs a catalogue of periodic jobs: each on time, one run at a time on all replicas together,
//! each measured and accounted for.
//!
//! [`Runtime`] shows how to embed it. What it promises:
//!
//! - A schedule does not die. A panic, a run that takes too long, a store that is away: each is the
//!   outcome of one run.
//! - Every due time is run once or counted as skipped, with the reason.
//! - A run holds a lease that is fenced by a token that only grows ([`store`]). The contract is at
//!   least once: a replica that dies is followed by another, which runs the same due time again.
//! - Time is injected ([`clock`]), so that schedules can be tested in simulated time.
//!
//! Deciding what happens next is apart from doing it: `schedule` knows neither a store nor what a
//! body does, `engine` keeps the time and takes each due time to its end, and [`outcome`] is the
//! only judge of how a run ended.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod engine;
#[cfg(feature = "http")]
pub mod http;
mod job;
mod log;
mod metrics;
mod panics;
mod schedule;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

// What the signatures here need, in the version that they need.
#[cfg(feature = "http")]
pub use axum;
pub use chrono;
pub use jobwatch_catalogue as catalogue;
pub use jobwatch_catalogue::{Catalogue, JobDraft, JobName, JobSpec, Schedule};
pub use prometheus;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use sqlx;

pub use engine::builder::{BuildError, Jobs, RuntimeBuilder};
pub use engine::handle::{Handle, JobDetail, JobStatus};
pub use engine::readiness::{Readiness, ReadinessProblem};
pub use engine::request_error::RequestError;
pub use engine::runtime::{Runtime, ShutdownReport};
pub use engine::settings::{Settings, SettingsError};
pub use engine::shutdown_signal::shutdown_signal;
pub use engine::variables::SharedVariable;
pub use job::body::{BlockingBody, CountResult, JobBody, JobResult, QueueCount};
pub use job::context::RunContext;
pub use job::error::{BoxError, Cause, JobError};
pub use job::fence::{Fence, FenceAnswer};
pub use job::guard_error::GuardError;
pub use job::outcome::{Outcome, Report};
pub use job::policy::Overlap;
pub use job::registration::{IntoJob, Job, JobSource};
pub use job::request::{Request, TooLong};
pub use job::retry::Retry;
pub use job::run_id::RunId;
pub use job::{middleware, outcome};
pub use metrics::{RegistrationError, register_process_start};
pub use schedule::clock;

/// The examples of the README are compiled and run.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../README.md")]
struct Readme;
