//! Runs a catalogue of periodic jobs, each run measured and accounted for.
//!
//! What is here so far is the part that decides, without a clock, a task or a store of its own: which due times a job has and
//! which of them are run ([`timetable`]), how a run ended ([`outcome`]), and what is exposed about it ([`metrics`]).

pub mod metrics;
pub mod outcome;
pub mod timetable;
