//! What happens next to one job: which due time is to be claimed, and what becomes of those that
//! are not run.
//!
//! This is the whole of the scheduler's thinking, apart from tokio and from the store: it is told
//! the time and what the store answered, and tells what to do. Every due time ends as one run or is
//! skipped for one reason.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::SkipReason;

use crate::job::policy::Overlap;
use crate::schedule::TOLERANCE;
use crate::schedule::timetable::{Timetable, jitter};

/// How long the scheduler waits before it asks a store again that could not answer: at first, and
/// at most.
const RETRY: (TimeDelta, TimeDelta) = (TimeDelta::seconds(1), TimeDelta::seconds(30));

/// The plan for one job.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    job: JobName,
    timetable: Timetable,
    /// Those of most jobs are the same.
    habits: Arc<Habits>,
    /// Before this moment nothing runs: a fresh process is scraped before it counts.
    not_before: DateTime<Utc>,
    /// The latest due time that is accounted for.
    done: DateTime<Utc>,
    /// The first one after that.
    next: DateTime<Utc>,
    phase: Phase,
}

/// What a plan goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Habits {
    /// The age up to which a due time that has passed is still run.
    pub(crate) catch_up: Duration,
    /// By how much runs are put off at most, so that jobs that are due together do not start
    /// together.
    pub(crate) jitter: Duration,
    /// What becomes of a due time that passes while the job runs here.
    pub(crate) overlap: Overlap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is going on.
    Idle,
    /// The store is being asked for a due time.
    Claiming { slot: DateTime<Utc>, tries: u32 },
    /// The job runs here: for a due time, or because somebody asked for it.
    Running(Option<DateTime<Utc>>),
    /// A due time is still open, and will be asked for again.
    Open(Open),
    /// The store is being asked for a run that somebody wants, beside a due time that may be open.
    Triggering(Option<Open>),
}

/// A due time that is neither run nor skipped yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    slot: DateTime<Utc>,
    why: Why,
    again: DateTime<Utc>,
    tries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Another replica runs it, and may die doing so.
    HeldElsewhere,
    /// The store did not answer, or the run was interrupted.
    Unanswered,
    /// By the store's clock it is not due yet.
    Early,
}

/// What the store answered to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    Granted,
    /// Somebody else holds it for so long.
    Held(Duration),
    Done,
    Paused,
    /// It is due in so long.
    Early(Duration),
    /// There was no answer.
    Nothing,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Step {
    /// A due time to claim.
    pub(crate) claim: Option<DateTime<Utc>>,
    /// Due times that were skipped, with the reason.
    pub(crate) skipped: [Option<(SkipReason, u64)>; 3],
    /// When to look again.
    pub(crate) next: Option<DateTime<Utc>>,
    /// Whether the run in progress is to make room for a due time.
    pub(crate) cancel: bool,
}

impl Step {
    fn skip(&mut self, reason: SkipReason, number: u64) {
        let fits = |place: &&mut Option<(SkipReason, u64)>| place.is_none_or(|(known, _)| known == reason);
        if number > 0
            && let Some(place) = self.skipped.iter_mut().find(fits)
        {
            *place = Some((reason, number + place.map_or(0, |(_, before)| before)));
        }
    }

    /// Goes on with a further step.
    fn and(&mut self, then: Self) {
        for (reason, number) in then.skipped.into_iter().flatten() {
            self.skip(reason, number);
        }
        (self.claim, self.next) = (then.claim, then.next);
        self.cancel |= then.cancel;
    }
}

impl Plan {
    /// The plan of a job, from the latest due time that is done according to the store. An
    /// interval's first due time is when the job was first scheduled, so that a new job shows soon
    /// whether it works.
    pub(crate) fn new(
        job: JobName,
        timetable: Timetable,
        (habits, not_before): (Arc<Habits>, DateTime<Utc>),
        done: Option<DateTime<Utc>>,
    ) -> Self {
        let done = done.unwrap_or(timetable.anchor() - TimeDelta::milliseconds(1));
        let next = timetable.next_after(done);
        Self { job, timetable, habits, not_before, done, next, phase: Phase::Idle }
    }

    /// The latest due time that is accounted for, which a run that ends has the store take as done.
    pub(crate) fn done(&self) -> DateTime<Utc> {
        self.done
    }

    /// The due time that no run was claimed for yet, as far as is known here. It stays in the past
    /// until somebody claims it.
    pub(crate) fn next_unclaimed(&self) -> DateTime<Utc> {
        match self.phase {
            Phase::Open(Open { slot, .. }) | Phase::Triggering(Some(Open { slot, .. })) => slot,
            Phase::Claiming { slot, .. } => slot,
            Phase::Idle | Phase::Running(_) | Phase::Triggering(None) => self.next,
        }
    }

    /// The due time that a success is awaited for: the first one since the last success, and since
    /// the job is expected to run.
    pub(crate) fn success_due(
        &self,
        expected_since: DateTime<Utc>,
        last_success: Option<DateTime<Utc>>,
    ) -> DateTime<Utc> {
        // Due times are whole seconds, and what is expected from a second on may be due in it.
        let second = DateTime::from_timestamp(expected_since.timestamp(), 0).unwrap_or(expected_since);
        let before = second - TimeDelta::milliseconds(1);
        // A run may begin, and even end, this much before its due time.
        let after = last_success.map(|success| success + TOLERANCE);
        self.timetable.next_after(after.map_or(before, |after| after.max(before)))
    }

    /// When the job will next be run or asked for, as far as is known.
    pub(crate) fn next_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let due = match self.phase {
            Phase::Open(open) => open.again,
            Phase::Triggering(open) => open.map_or(now, |open| open.again),
            Phase::Claiming { slot, .. } => return slot,
            Phase::Idle | Phase::Running(_) => self.start(self.next),
        };
        due.max(now).max(self.not_before)
    }

    /// The due times after now, in order.
    pub(crate) fn upcoming(&self, now: DateTime<Utc>, number: usize) -> Vec<DateTime<Utc>> {
        let mut after = now.max(self.done);
        (0..number)
            .map(|_| {
                after = self.timetable.next_after(after);
                after
            })
            .collect()
    }

    /// Looks at the clock.
    pub(crate) fn wake(&mut self, now: DateTime<Utc>) -> Step {
        self.wake_after(now, SkipReason::Missed)
    }

    /// The same, where due times that have passed before the latest count as skipped for a reason.
    fn wake_after(&mut self, now: DateTime<Utc>, why: SkipReason) -> Step {
        if matches!(self.phase, Phase::Claiming { .. } | Phase::Triggering(_)) {
            // The answer will come, and what has passed by then is seen then.
            return Step::default();
        }
        if now < self.not_before {
            return Step { next: Some(self.not_before), ..Step::default() };
        }
        if now < self.next && !matches!(self.phase, Phase::Open(_)) {
            // As nearly always: it is looked at several times in each run.
            return Step { next: Some(self.start(self.next)), ..Step::default() };
        }
        let due = self.timetable.due(self.done, self.next, now, self.habits.catch_up);
        let mut step = Step::default();
        let passed = due.missed + u64::from(due.run.is_some());
        if let Some(run) = due.run
            && self.start(run) > now
        {
            // The latest has passed but is put off; those before it are seen with it.
            step.next = Some(self.start(run));
            return self.again(now, step);
        }
        if passed == 0 {
            step.next = Some(self.start(due.next));
            return self.again(now, step);
        }
        if matches!(self.phase, Phase::Running(_)) && self.habits.overlap != Overlap::Skip {
            // It is seen to when the run has ended.
            step.cancel = self.habits.overlap == Overlap::CancelOther && due.run.is_some();
            step.next = Some(self.start(due.next));
            return step;
        }
        match self.phase {
            Phase::Running(_) => step.skip(SkipReason::Overlap, passed),
            Phase::Open(open) => {
                step.skip(open.reason(), 1);
                step.skip(SkipReason::Missed, due.missed);
            }
            _ => step.skip(why, due.missed),
        }
        (self.done, self.next) = (due.latest, due.next);
        if !matches!(self.phase, Phase::Running(_)) {
            step.claim = due.run;
            self.phase = due.run.map_or(Phase::Idle, |slot| Phase::Claiming { slot, tries: 0 });
        }
        step.next = Some(self.start(due.next));
        step
    }

    /// Adds to a step in which no further due time has passed what is still open.
    fn again(&mut self, now: DateTime<Utc>, mut step: Step) -> Step {
        let Phase::Open(Open { slot, again, tries, .. }) = self.phase else { return step };
        // It has passed, unless the clock was put back since.
        let again = again.max(slot);
        if again > now {
            step.next = step.next.min(Some(again));
        } else {
            self.phase = Phase::Claiming { slot, tries };
            step.claim = Some(slot);
        }
        step
    }

    /// Takes note of what the store answered to a claim.
    pub(crate) fn answered(&mut self, answer: Answered, now: DateTime<Utc>) -> Step {
        let Phase::Claiming { slot, tries } = self.phase else { return Step::default() };
        let mut step = Step::default();
        let open =
            |why, after: TimeDelta| Phase::Open(Open { slot, why, again: now + after, tries: tries + 1 });
        self.phase = match answer {
            Answered::Granted => Phase::Running(Some(slot)),
            Answered::Held(remaining) => open(Why::HeldElsewhere, at_least_a_moment(remaining)),
            Answered::Early(by) => open(Why::Early, at_least_a_moment(by)),
            Answered::Nothing => open(Why::Unanswered, back_off(tries)),
            Answered::Done => {
                step.skip(SkipReason::LeaseHeld, 1);
                Phase::Idle
            }
            Answered::Paused => {
                step.skip(SkipReason::Paused, 1);
                Phase::Idle
            }
        };
        let then = self.wake(now);
        step.and(then);
        step
    }

    /// Whether the job runs here, or is about to.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Running(_) | Phase::Claiming { .. } | Phase::Triggering(_))
    }

    /// Somebody wants a run now. Nothing else is asked of the store until it has answered that.
    /// False if the job is busy.
    pub(crate) fn trigger(&mut self) -> bool {
        self.phase = match self.phase {
            Phase::Idle => Phase::Triggering(None),
            Phase::Open(open) => Phase::Triggering(Some(open)),
            _ => return false,
        };
        true
    }

    /// Takes note of whether the run that somebody wants was granted. If so, it takes the place of
    /// a due time that was open.
    pub(crate) fn triggered(&mut self, granted: bool, now: DateTime<Utc>) -> Step {
        let Phase::Triggering(open) = self.phase else { return Step::default() };
        let mut step = Step::default();
        if granted {
            open.into_iter().for_each(|open| step.skip(open.reason(), 1));
            self.phase = Phase::Running(None);
        } else {
            self.phase = open.map_or(Phase::Idle, Phase::Open);
        }
        let then = self.wake(now);
        step.and(then);
        step
    }

    /// Takes note that the run is over. A due time that is not done is claimed again, unless later
    /// ones have passed in the meantime. Those were skipped, whether or not anybody has looked at
    /// the clock since.
    pub(crate) fn ended(&mut self, is_final: bool, now: DateTime<Utc>) -> Step {
        let mut step = self.wake(now);
        self.phase = match self.phase {
            Phase::Running(Some(slot)) if !is_final => self.reopen(slot, 0, now, &mut step),
            _ => Phase::Idle,
        };
        let then = self.wake_after(now, SkipReason::Overlap);
        step.and(then);
        step
    }

    /// Nothing is known of what goes on: neither a claim nor a run has come to its end. A due time
    /// that was being seen to is open, and is asked for in a while.
    pub(crate) fn abandon(&mut self, now: DateTime<Utc>) -> Step {
        let mut step = Step { next: Some(now), ..Step::default() };
        self.phase = match self.phase {
            Phase::Claiming { slot, tries } => self.reopen(slot, tries, now, &mut step),
            Phase::Running(Some(slot)) => self.reopen(slot, 0, now, &mut step),
            Phase::Open(open) | Phase::Triggering(Some(open)) => Phase::Open(open),
            Phase::Idle | Phase::Running(None) | Phase::Triggering(None) => Phase::Idle,
        };
        step
    }

    /// A due time that was being seen to is to be claimed again, unless a later one has passed.
    fn reopen(&self, slot: DateTime<Utc>, tries: u32, now: DateTime<Utc>, step: &mut Step) -> Phase {
        if slot != self.done {
            step.skip(SkipReason::Missed, 1);
            return Phase::Idle;
        }
        Phase::Open(Open { slot, why: Why::Unanswered, again: now + back_off(tries), tries: tries + 1 })
    }

    fn start(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        if self.habits.jitter.is_zero() {
            return slot;
        }
        slot + jitter(&self.job, slot, self.habits.jitter)
    }
}

impl Open {
    /// What it counts as if it is never run.
    fn reason(self) -> SkipReason {
        match self.why {
            Why::HeldElsewhere => SkipReason::LeaseHeld,
            Why::Unanswered | Why::Early => SkipReason::Missed,
        }
    }
}

/// A lease that has run out by a hair is asked for a moment later, and not in a busy loop.
fn at_least_a_moment(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait).unwrap_or(RETRY.1).max(TimeDelta::milliseconds(100))
}

fn back_off(tries: u32) -> TimeDelta {
    (RETRY.0 * 2_i32.pow(tries.min(10))).min(RETRY.1)
}

#[cfg(test)]
mod life;
#[cfg(test)]
mod tests;
