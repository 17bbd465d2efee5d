//! Runs a catalogue of periodic jobs: each on time, one run at a time on all replicas together,
//! each measured and accounted for.
//!
//! [`Runtime`] shows how to embed it. What it promises:
//!
//! - A schedule does not die. A panic, a run that takes too long, a store that is away: each is the
//!   outcome of one run.
//! - Every due time is run once or counted as skipped, with the reason ([`metrics`]).
//! - A run holds a lease that is fenced by a token that only grows ([`store`]). The contract is at
//!   least once: a replica that dies is followed by another, which runs the same due time again.
//! - Time is injected ([`clock`]), so that schedules can be tested in simulated time.
//!
//! Deciding what happens next is apart from doing it: `timetable` and `plan` know neither tokio nor
//! a store, `driver` keeps the time, `burst` starts many runs at once, `run` takes one due time to
//! its end, `control` holds its reins, and [`outcome`] is the only judge of how it ended. What goes
//! on by itself is under `supervise`.

mod asking;
mod builder;
mod burst;
mod catch;
mod catch_up;
mod claim;
pub mod clock;
mod control;
mod core;
mod current;
mod driver;
mod flag;
mod handle;
#[cfg(feature = "http")]
pub mod http;
mod job;
mod log;
pub mod metrics;
pub mod middleware;
pub mod outcome;
mod plan;
mod queue;
mod readiness;
mod record;
mod renewal;
mod request;
mod request_error;
mod run;
mod run_id;
mod runtime;
mod settings;
mod signals;
mod start;
pub mod store;
mod supervise;
mod time;
pub mod timetable;
mod trigger;
mod variables;

pub use builder::{BuildError, RuntimeBuilder};
pub use handle::{Handle, JobDetail, JobStatus};
pub use job::{Job, Retry, Retrying, RunContext};
pub use outcome::{JobError, Outcome, Report};
pub use readiness::Readiness;
pub use request::{Request, TooLong};
pub use request_error::RequestError;
pub use run_id::RunId;
pub use runtime::{Runtime, ShutdownReport};
pub use settings::{Settings, SettingsError};
pub use signals::told_to_end;
pub use variables::SharedVariable;
