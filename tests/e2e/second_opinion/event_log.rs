//! The event log: which executions came due, started and ended, and how; which processes were there
//! and who could reach them. Moments are seconds of a clock that is right.

use std::ops::Range;

/// What happened to a job in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventLog {
    pub(super) first_scheduled: u64,
    /// Ascending, beyond the end of what is watched.
    pub(super) due: Vec<u64>,
    /// One after another, in the order of time.
    pub(super) runs: Vec<Run>,
    pub(super) replicas: Vec<Host>,
    pub(super) pauses: Vec<Range<u64>>,
    /// From when on the queue is how long. Ascending.
    pub(super) queue: Vec<(u64, u64)>,
}

/// Where replicas of the process run one after another, which Prometheus takes for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// How many seconds its clock is ahead.
    pub(super) skew: i64,
    /// When a process is there. Ascending.
    pub(super) processes: Vec<Range<u64>>,
    /// When Prometheus does not reach it.
    pub(super) gaps: Vec<Range<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Its place among the replicas.
    pub(super) replica: usize,
    /// The due time that it is for.
    pub(super) due: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) outcome: Outcome,
    pub(super) items: u64,
    pub(super) failed_items: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    Failed,
    /// Its process was gone before it ended: no execution.
    Interrupted,
}

impl Host {
    /// The process that is there at a moment.
    pub(super) fn process_at(&self, moment: u64) -> Option<&Range<u64>> {
        self.processes.iter().find(|process| process.contains(&moment))
    }

    /// Whether a scrape at a moment finds something.
    pub(super) fn is_scraped(&self, moment: u64) -> bool {
        self.process_at(moment).is_some() && !self.gaps.iter().any(|gap| gap.contains(&moment))
    }
}

impl EventLog {
    /// The executions that ended until a moment, and that were not interrupted.
    pub(super) fn ended(&self, until: u64) -> impl DoubleEndedIterator<Item = &Run> {
        let ended = &self.runs[..self.runs.partition_point(|run| run.end <= until)];
        ended.iter().filter(|run| run.outcome != Outcome::Interrupted)
    }

    pub(super) fn last_success(&self, until: u64) -> Option<&Run> {
        self.ended(until).rev().find(|run| run.outcome == Outcome::Succeeded)
    }

    /// When an execution ended by the clock of its replica.
    pub(super) fn stamp(&self, run: &Run) -> u64 {
        run.end.saturating_add_signed(self.replicas[run.replica].skew)
    }

    pub(super) fn failures_in_a_row(&self, until: u64) -> u64 {
        self.ended(until).rev().take_while(|run| run.outcome == Outcome::Failed).count() as u64
    }

    pub(super) fn in_progress(&self, at: u64) -> Option<&Run> {
        let started = self.runs.partition_point(|run| run.start <= at);
        self.runs[..started].last().filter(|run| at < run.end)
    }

    pub(super) fn is_paused(&self, at: u64) -> bool {
        self.pauses.iter().any(|pause| pause.contains(&at))
    }

    /// When the job was last resumed.
    pub(super) fn back_since(&self, at: u64) -> Option<u64> {
        self.pauses.iter().map(|pause| pause.end).filter(|&back| back <= at).max()
    }

    /// The due time that a success is awaited for: the first since the last success, and since the
    /// job is expected to run. A success may come a second before its due time.
    pub(super) fn awaited(&self, at: u64) -> u64 {
        let expected_since = self.back_since(at).unwrap_or(0).max(self.first_scheduled);
        let after = self.last_success(at).map(|success| self.stamp(success) + 1);
        let after = after.unwrap_or(0).max(expected_since - 1);
        self.due[self.due.partition_point(|&due| due <= after)]
    }

    pub(super) fn queue_at(&self, at: u64) -> u64 {
        self.queue.iter().rfind(|&&(from, _)| from <= at).map_or(0, |&(_, length)| length)
    }

    /// How far the clocks of replicas are off at most.
    pub(super) fn skew(&self) -> u64 {
        self.replicas.iter().map(|replica| replica.skew.unsigned_abs()).max().unwrap_or(0)
    }
}
