//! Runs a catalogue of periodic jobs, each run measured and accounted for.
//!
//! What is here so far are the parts that decide and remember: which due times a job has and which of them are run
//! ([`timetable`]), who runs them ([`store`]), how a run ended ([`outcome`]), and what is exposed about it ([`metrics`]). Time is
//! injected ([`clock`]).

pub mod clock;
pub mod metrics;
pub mod outcome;
pub mod store;
pub mod timetable;
