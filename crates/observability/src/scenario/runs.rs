//! The executions of a simulated job, in blocks of runs that are alike.
//!
//! What has happened until a moment is computed from a block's numbers. A job that runs each second
//! for a month is as cheap as one that runs once.

use std::ops::Range;

use jobwatch_catalogue::label::RunStatus;

use super::script::Execution;

/// Executions on schedule that take equally long and end in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    /// When the first of them starts.
    first: u64,
    /// The seconds from one start to the next, more than the duration.
    every: u64,
    count: u64,
    duration: u64,
    status: RunStatus,
    /// How many of the items of each fail.
    failed_items: u64,
    /// Whether it is somebody's wish, and not the schedule's.
    by_hand: bool,
    /// Whether the first of them has to wait until then, although it was due before.
    waits: bool,
}

/// What the executions of a block have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alike {
    pub(super) duration: u64,
    pub(super) status: RunStatus,
    pub(super) failed_items: u64,
}

/// The executions of a job, in the order of time. They do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    interval: u64,
    /// The first due time.
    first: u64,
    next: u64,
    /// Whether something keeps the next execution from starting before then.
    is_held: bool,
    blocks: Vec<Block>,
}

impl Runs {
    /// No executions yet: the first is due at a moment, the others each time an interval has
    /// passed.
    pub(super) fn due(first: u64, interval: u64) -> Self {
        Self { interval: interval.max(1), first, next: first, is_held: false, blocks: Vec::new() }
    }

    /// The same, and then so many executions. Due times that an execution covers pass, that at
    /// which it ends among them.
    pub fn then(mut self, count: u64, duration: u64, status: RunStatus) -> Self {
        let every = (duration / self.interval + 1).saturating_mul(self.interval);
        if count > 0 {
            let (first, failed_items, by_hand) = (self.next, 0, false);
            let waits = std::mem::take(&mut self.is_held);
            self.blocks.push(Block { first, every, count, duration, status, failed_items, by_hand, waits });
        }
        self.next = self.next.saturating_add(every.saturating_mul(count));
        self
    }

    /// The same, where so many of the items of each of the last executions fail.
    pub fn failing_items(mut self, failed: u64) -> Self {
        if let Some(last) = self.blocks.last_mut() {
            last.failed_items = failed;
        }
        self
    }

    /// The same, with one more execution that somebody triggers by hand, after all others.
    pub fn triggered(mut self, at: u64, duration: u64, status: RunStatus) -> Self {
        let every = duration.max(1);
        self.blocks.push(Block {
            first: at,
            every,
            count: 1,
            duration,
            status,
            failed_items: 0,
            by_hand: true,
            waits: true,
        });
        self
    }

    /// The same, where no execution starts before the first due time from a moment on.
    pub fn resumed(mut self, moment: u64) -> Self {
        let before = moment.saturating_sub(1).max(self.last_end(moment));
        self.next = self.due_after(before, self.interval);
        self.is_held = true;
        self
    }

    /// Returns the first due time for which an execution may start.
    pub(super) fn first_due(&self) -> u64 {
        self.first
    }

    /// Returns the executions that start until a moment, one by one.
    pub(super) fn executions(&self, until: u64) -> Vec<Execution> {
        let mut all = Vec::new();
        for block in &self.blocks {
            let number = block.started_before(until.saturating_add(1));
            all.extend((0..number).map(|index| Execution {
                start: block.start_of(index),
                duration: block.duration,
                status: block.status,
                failed_items: block.failed_items,
                by_hand: block.by_hand,
                waits: block.waits && index == 0,
            }));
        }
        all.sort_by_key(|execution| execution.start);
        all
    }

    /// The same without the executions that have not ended before a moment.
    pub(super) fn before(mut self, moment: u64) -> Self {
        for block in &mut self.blocks {
            block.count = moment.checked_sub(1).map_or(0, |last| block.ended(last));
        }
        self.blocks.retain(|block| block.count > 0);
        self
    }

    /// Returns when the next execution on schedule would start.
    pub fn next_due(&self) -> u64 {
        self.next
    }

    /// The same, and then executions without end.
    pub fn then_always(self, duration: u64, status: RunStatus) -> Self {
        self.then(u64::MAX, duration, status)
    }

    /// The same without the executions that a time without the process cuts off.
    pub(super) fn without(mut self, down: &Range<u64>) -> Self {
        let split = |block: Block| {
            let before = down.start.checked_sub(1).map_or(0, |last| block.ended(last));
            let after = block.started_before(down.end);
            let rest = Block {
                first: block.first.saturating_add(block.every.saturating_mul(after)),
                count: block.count - after,
                waits: block.waits && after == 0,
                ..block
            };
            [Block { count: before, ..block }, rest]
        };
        self.blocks = self.blocks.into_iter().flat_map(split).filter(|block| block.count > 0).collect();
        self
    }

    /// Returns how many executions of each block ended until now, of those that started at a moment
    /// or later.
    pub(super) fn ended(&self, now: u64, since: u64) -> impl Iterator<Item = u64> {
        self.blocks.iter().map(move |block| block.ended(now).saturating_sub(block.started_before(since)))
    }

    /// Returns what the executions of each block have in common.
    pub(super) fn blocks(&self) -> impl ExactSizeIterator<Item = Alike> {
        self.blocks.iter().map(|&Block { duration, status, failed_items, .. }| Alike {
            duration,
            status,
            failed_items,
        })
    }

    /// Returns when the last success ended, of those that started at a moment or later. `None` if
    /// there is none.
    pub(super) fn last_success(&self, now: u64, since: u64) -> Option<u64> {
        self.blocks.iter().rev().filter(|block| block.status == RunStatus::Success).find_map(|block| {
            let ended = block.ended(now);
            (ended > block.started_before(since)).then(|| block.start_of(ended - 1) + block.duration)
        })
    }

    /// Returns the first due time after a moment, if jobs are due each time so many seconds have
    /// passed.
    pub(super) fn due_after(&self, moment: u64, interval: u64) -> u64 {
        match moment.checked_sub(self.first) {
            None => self.first,
            Some(past) => self.first + (past / interval + 1) * interval,
        }
    }

    /// Returns when the last execution that has started ends. Zero if there is none.
    pub(super) fn last_end(&self, now: u64) -> u64 {
        let end = |block: &Block| Some(block.last_start(now)? + block.duration);
        self.blocks.iter().rev().find_map(end).unwrap_or(0)
    }

    /// Returns how many executions in a row have failed until now.
    pub(super) fn consecutive_failures(&self, now: u64) -> u64 {
        let ended = self.blocks.iter().rev().filter(|block| block.ended(now) > 0);
        ended.take_while(|block| block.status == RunStatus::Failed).map(|block| block.ended(now)).sum()
    }

    /// Returns the start of the execution in progress. `None` between two executions.
    pub(super) fn in_progress_since(&self, now: u64) -> Option<u64> {
        self.blocks.iter().rev().find_map(|block| {
            let start = block.last_start(now)?;
            (now < start + block.duration).then_some(start)
        })
    }
}

impl Block {
    fn start_of(&self, index: u64) -> u64 {
        self.first + self.every * index
    }

    /// When the last of them starts that has started. `None` before the first.
    fn last_start(&self, now: u64) -> Option<u64> {
        Some(self.start_of(self.started_before(now.saturating_add(1)).checked_sub(1)?))
    }

    fn ended(&self, now: u64) -> u64 {
        now.checked_sub(self.first.saturating_add(self.duration))
            .map_or(0, |past| (past / self.every + 1).min(self.count))
    }

    fn started_before(&self, moment: u64) -> u64 {
        moment.checked_sub(self.first).map_or(0, |past| past.div_ceil(self.every).min(self.count))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each execution by itself: start, end, status.
    fn one_by_one(blocks: &[(u64, u64, bool)], interval: u64) -> Vec<(u64, u64, RunStatus)> {
        let mut start = 100;
        let mut all = Vec::new();
        for &(count, duration, fails) in blocks {
            for _ in 0..count {
                all.push((start, start + duration, status(fails)));
                start += (duration / interval + 1) * interval;
            }
        }
        all
    }

    fn status(fails: bool) -> RunStatus {
        if fails { RunStatus::Failed } else { RunStatus::Success }
    }

    proptest! {
        #[test]
        fn blocks_say_what_their_executions_say_one_by_one(
            blocks in prop::collection::vec((0_u64..5, 1_u64..30, any::<bool>()), 0..4),
            interval in 1_u64..20,
            now in 0_u64..600,
            since in 0_u64..300,
            down in (0_u64..300, 1_u64..50),
        ) {
            let down = down.0..down.0 + down.1;
            let mut each = one_by_one(&blocks, interval);
            each.retain(|&(start, end, _)| end < down.start || start >= down.end);
            let runs = blocks.iter().fold(Runs::due(100, interval), |runs, &(count, duration, fails)| {
                runs.then(count, duration, status(fails))
            });
            let runs = runs.without(&down);
            let failed = |status| status == RunStatus::Failed;
            let ended = || each.iter().filter(|&&(_, end, _)| end <= now);
            let ended_and_failed = runs.blocks().zip(runs.ended(now, since));
            let ended_and_failed = ended_and_failed.filter(|&(alike, _)| failed(alike.status));
            prop_assert_eq!(
                ended_and_failed.map(|(_, count)| count).sum::<u64>(),
                ended().filter(|&&(start, _, status)| start >= since && failed(status)).count() as u64
            );
            prop_assert_eq!(
                runs.last_success(now, since),
                ended().rfind(|&&(start, _, status)| start >= since && !failed(status)).map(|run| run.1)
            );
            prop_assert_eq!(
                runs.consecutive_failures(now),
                ended().rev().take_while(|run| failed(run.2)).count() as u64
            );
            let listed = runs.executions(now).into_iter();
            prop_assert_eq!(
                listed.map(|run| (run.start, run.start + run.duration, run.status)).collect::<Vec<_>>(),
                each.iter().copied().filter(|&(start, _, _)| start <= now).collect::<Vec<_>>()
            );
            prop_assert_eq!(
                runs.last_end(now),
                each.iter().rfind(|&&(start, _, _)| start <= now).map_or(0, |run| run.1)
            );
            prop_assert_eq!(
                runs.in_progress_since(now),
                each.iter().find(|&&(start, end, _)| start <= now && now < end).map(|run| run.0)
            );
        }
    }
}
