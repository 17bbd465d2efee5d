//! What a simulated process does, apart from what that looks like: for whoever has a real one do
//! the same.

use std::ops::Range;

use jobwatch_catalogue::label::RunStatus;

/// How many items an execution handles, where the job has items.
pub const ITEMS: u64 = 10;

/// What a simulated process does. All moments are in seconds from the beginning of the simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// When the process is there, in the order of time. Each time it starts anew.
    pub up: Vec<Range<u64>>,
    /// When it is told to shut down and starts nothing any more, although it is still there. `None`
    /// if it is not.
    pub stops: Option<u64>,
    /// The first due time for which an execution may start.
    pub first_due: u64,
    /// The seconds from one due time to the next. Zero while the job is disabled.
    pub gap: u64,
    /// The longest time between two due times, in seconds, as it is exposed. Zero while the job is
    /// disabled.
    pub interval: u64,
    /// How many seconds an execution may take.
    pub timeout: u64,
    /// When nobody expects the job to run, if there is such a while.
    pub away: Option<Away>,
    /// Whether the process exposes the contract's metrics alone, as somebody else's library would.
    pub contract_only: bool,
    /// How long its queue is from each moment on, in the order of time. Zero before the first.
    pub queue: Vec<(u64, u64)>,
    /// The executions, in the order of time.
    pub executions: Vec<Execution>,
}

/// A while in which nobody expects the job to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// From when until when.
    pub during: Range<u64>,
    /// Whether it is disabled then, for which the process has to start anew. Otherwise it is
    /// paused.
    pub disabled: bool,
}

/// One execution of a simulated job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// When it starts.
    pub start: u64,
    /// How many seconds it takes.
    pub duration: u64,
    /// How it ends.
    pub status: RunStatus,
    /// How many of its [`ITEMS`] fail.
    pub failed_items: u64,
    /// Whether it is somebody's wish, and not the schedule's.
    pub by_hand: bool,
    /// Whether it has to wait: something keeps executions from starting until then, whatever is
    /// due.
    pub waits: bool,
}
