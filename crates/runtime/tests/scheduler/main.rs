//! The whole scheduler in simulated time: hours pass in milliseconds, and the same way each time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bad_days;
mod batches;
mod builds;
mod due_times;
mod errors_of_bodies;
mod every_call;
#[cfg(feature = "sqlite")]
mod every_call_of_sqlite;
mod lost_answers;
#[path = "../ordeal/mod.rs"]
mod ordeal;
mod policies;
mod registrations;
mod replicas;
mod requests;
mod runs;
mod scene;
mod schedules;
mod shutdowns;
