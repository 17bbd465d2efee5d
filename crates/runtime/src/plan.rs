//! What happens next to one job: which due time is to be claimed, and what becomes of those that are not run.
//!
//! This is the whole of the scheduler's thinking, apart from tokio and from the store: it is told the time and what the store
//! answered, and tells what to do. Every due time ends as one run or is skipped for one reason.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::SkipReason;

use crate::timetable::{Timetable, jitter};

/// How long the scheduler waits before it asks a store again that could not answer: at first, and at most.
const RETRY: (TimeDelta, TimeDelta) = (TimeDelta::seconds(1), TimeDelta::seconds(30));

/// The plan for one job.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    job: JobName,
    timetable: Timetable,
    policy: Policy,
    /// The latest due time that is accounted for.
    done: DateTime<Utc>,
    phase: Phase,
}

/// What a plan goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The age up to which a due time that has passed is still run.
    pub(crate) catch_up: Duration,
    /// By how much runs are put off at most, so that jobs that are due together do not start together.
    pub(crate) jitter: Duration,
    /// Before this moment nothing runs: a fresh process is scraped before it counts.
    pub(crate) not_before: DateTime<Utc>,
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
}

impl Step {
    fn skip(&mut self, reason: SkipReason, number: u64) {
        if number > 0
            && let Some(free) = self.skipped.iter_mut().find(|place| place.is_none())
        {
            *free = Some((reason, number));
        }
    }

    /// Goes on with a further step.
    fn and(&mut self, then: Self) {
        for (reason, number) in then.skipped.into_iter().flatten() {
            self.skip(reason, number);
        }
        (self.claim, self.next) = (then.claim, then.next);
    }
}

impl Plan {
    /// The plan of a job, from the latest due time that is done according to the store. An interval's first due time is when the job
    /// was first scheduled, so that a new job shows soon whether it works.
    pub(crate) fn new(
        job: JobName,
        timetable: Timetable,
        policy: Policy,
        done: Option<DateTime<Utc>>,
    ) -> Self {
        let done = done.unwrap_or(timetable.anchor() - TimeDelta::milliseconds(1));
        Self { job, timetable, policy, done, phase: Phase::Idle }
    }

    /// The latest due time that is accounted for, which a run that ends has the store take as done.
    pub(crate) fn done(&self) -> DateTime<Utc> {
        self.done
    }

    /// When the job will next be run or asked for, as far as is known.
    pub(crate) fn next_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let due = match self.phase {
            Phase::Open(open) => open.again,
            Phase::Triggering(open) => open.map_or(now, |open| open.again),
            Phase::Claiming { slot, .. } => return slot,
            Phase::Idle | Phase::Running(_) => self.start(self.timetable.next_after(self.done)),
        };
        due.max(now).max(self.policy.not_before)
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
        if matches!(self.phase, Phase::Claiming { .. } | Phase::Triggering(_)) {
            // The answer will come, and what has passed by then is seen then.
            return Step::default();
        }
        if now < self.policy.not_before {
            return Step { next: Some(self.policy.not_before), ..Step::default() };
        }
        let due = self.timetable.due(self.done, now, self.policy.catch_up);
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
        match self.phase {
            Phase::Running(_) => step.skip(SkipReason::Overlap, passed),
            Phase::Open(open) => {
                step.skip(open.reason(), 1);
                step.skip(SkipReason::Missed, due.missed);
            }
            _ => step.skip(SkipReason::Missed, due.missed),
        }
        self.done = due.latest;
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

    /// Somebody wants a run now. Nothing else is asked of the store until it has answered that. False if the job is busy.
    pub(crate) fn trigger(&mut self) -> bool {
        self.phase = match self.phase {
            Phase::Idle => Phase::Triggering(None),
            Phase::Open(open) => Phase::Triggering(Some(open)),
            _ => return false,
        };
        true
    }

    /// Takes note of whether the run that somebody wants was granted. If so, it takes the place of a due time that was open.
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

    /// Takes note that the run is over. A due time that is not done is claimed again. Those that passed in the meantime were
    /// skipped, whether or not anybody has looked at the clock since.
    pub(crate) fn ended(&mut self, is_final: bool, now: DateTime<Utc>) -> Step {
        let mut step = self.wake(now);
        self.phase = match self.phase {
            Phase::Running(Some(slot)) if !is_final && slot == self.done => {
                Phase::Open(Open { slot, why: Why::Unanswered, again: now + RETRY.0, tries: 1 })
            }
            _ => Phase::Idle,
        };
        let then = self.wake(now);
        step.and(then);
        step
    }

    fn start(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        slot + jitter(&self.job, slot, self.policy.jitter)
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
mod tests {
    use jobwatch_catalogue::Schedule;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        // A moment that is no due time of any schedule here by accident.
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn plan(schedule: Schedule, jitter: u64, not_before: i64) -> Plan {
        let policy = Policy {
            catch_up: Duration::MAX,
            jitter: Duration::from_secs(jitter),
            not_before: at(not_before),
        };
        Plan::new(JobName::new("job").unwrap(), Timetable::new(schedule, at(0)), policy, None)
    }

    fn minutely() -> Plan {
        plan(Schedule::every(Duration::from_secs(60)).unwrap(), 0, 0)
    }

    /// A step in short, with seconds since the start.
    fn short(step: Step) -> String {
        let since = |moment: DateTime<Utc>| (moment - at(0)).num_seconds();
        let mut text: Vec<String> = step.claim.iter().map(|slot| format!("claim {}", since(*slot))).collect();
        text.extend(
            step.skipped.iter().flatten().map(|(reason, number)| format!("{number} {}", reason.as_str())),
        );
        text.extend(step.next.map(|next| format!("look at {}", since(next))));
        text.join(", ")
    }

    #[test]
    fn a_new_job_runs_at_once_and_then_on_time() {
        let mut plan = minutely();
        assert_eq!(short(plan.wake(at(0))), "claim 0, look at 60");
        assert_eq!(short(plan.answered(Answered::Granted, at(0))), "look at 60");
        assert_eq!(short(plan.ended(true, at(5))), "look at 60");
        assert_eq!(short(plan.wake(at(60))), "claim 60, look at 120");
    }

    #[test]
    fn nothing_runs_before_a_fresh_process_has_been_scraped() {
        let mut plan = plan(Schedule::every(Duration::from_secs(60)).unwrap(), 0, 150);
        assert_eq!(short(plan.wake(at(0))), "look at 150");
        assert_eq!(plan.next_due(at(10)), at(150));
        assert_eq!(short(plan.wake(at(150))), "claim 120, 2 missed, look at 180");
    }

    #[test]
    fn a_run_that_outlasts_its_interval_skips_due_times() {
        let mut plan = minutely();
        plan.wake(at(0));
        plan.answered(Answered::Granted, at(0));
        assert_eq!(short(plan.wake(at(60))), "1 overlap, look at 120");
        assert_eq!(short(plan.wake(at(185))), "2 overlap, look at 240");
        assert_eq!((plan.done() - at(0)).num_seconds(), 180);
        assert_eq!(short(plan.ended(true, at(200))), "look at 240");
    }

    #[test]
    fn a_due_time_that_another_replica_runs_is_taken_over_when_it_dies() {
        let mut plan = minutely();
        plan.wake(at(0));
        assert_eq!(short(plan.answered(Answered::Held(Duration::from_secs(30)), at(0))), "look at 30");
        assert_eq!(short(plan.wake(at(30))), "claim 0, look at 60");
        assert_eq!(short(plan.answered(Answered::Done, at(30))), "1 lease_held, look at 60");
        assert_eq!(short(plan.wake(at(60))), "claim 60, look at 120");
        plan.answered(Answered::Held(Duration::from_secs(90)), at(60));
        assert_eq!(short(plan.wake(at(120))), "claim 120, 1 lease_held, look at 180");
    }

    #[test]
    fn a_store_that_does_not_answer_is_asked_again_and_less_and_less_often() {
        let mut plan = plan(Schedule::every(Duration::from_secs(600)).unwrap(), 0, 0);
        let mut now = at(0);
        let mut waits = Vec::new();
        plan.wake(now);
        for _ in 0..8 {
            let next = plan.answered(Answered::Nothing, now).next.unwrap();
            waits.push((next - now).num_seconds());
            now = next;
            assert!(plan.wake(now).claim.is_some());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_run_whose_lease_was_lost_leaves_its_due_time_open() {
        let mut plan = minutely();
        plan.wake(at(0));
        plan.answered(Answered::Granted, at(0));
        assert_eq!(short(plan.ended(false, at(10))), "look at 11");
        assert_eq!(short(plan.wake(at(11))), "claim 0, look at 60");
    }

    #[test]
    fn a_paused_job_skips_its_due_times() {
        let mut plan = minutely();
        plan.wake(at(0));
        assert_eq!(short(plan.answered(Answered::Paused, at(0))), "1 paused, look at 60");
    }

    /// What happens next in a simulated life.
    #[derive(Debug, Clone)]
    enum Event {
        /// Time passes; the store and the job do nothing.
        Wait(i64),
        /// The clock is stepped, also back.
        Step(i64),
        Answer(Answered),
        /// The run ends, with its due time done or not.
        End(bool),
        Trigger(bool),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            6 => (1_i64..4_000).prop_map(Event::Wait),
            1 => (-4_000_i64..4_000).prop_map(Event::Step),
            4 => Just(Event::Answer(Answered::Granted)),
            1 => (0_u64..90).prop_map(|seconds| Event::Answer(Answered::Held(Duration::from_secs(seconds)))),
            1 => (0_u64..90).prop_map(|seconds| Event::Answer(Answered::Early(Duration::from_secs(seconds)))),
            1 => prop::sample::select(vec![Answered::Done, Answered::Paused, Answered::Nothing]).prop_map(Event::Answer),
            5 => prop::bool::weighted(0.8).prop_map(Event::End),
            1 => any::<bool>().prop_map(Event::Trigger),
        ]
    }

    fn schedule(shortest: u64) -> impl Strategy<Value = Schedule> {
        prop_oneof![
            (shortest..10_000).prop_map(|seconds| Schedule::every(Duration::from_secs(seconds)).unwrap()),
            prop::sample::select(vec!["* * * * *", "*/7 * * * *", "0 * * * *", "0 3 * * *"])
                .prop_map(|expression| Schedule::cron(expression, "Europe/Berlin").unwrap()),
        ]
    }

    /// An oracle walks from one due time to the next and counts; the plan has to end each as a run or as skipped, whatever the store
    /// answers, however long runs take, and wherever the clock is put.
    fn live(schedule: Schedule, jitter: u64, events: Vec<Event>) -> Result<(), TestCaseError> {
        let jitter = jitter.min(schedule.shortest_gap().as_secs() / 2);
        let mut plan = plan(schedule.clone(), jitter, 0);
        let start = plan.done();
        let (mut now, mut runs, mut skipped) = (at(0), 0, 0);
        let (mut claimed, mut running) = (None, None);
        let note = |step: Step, claimed: &mut Option<DateTime<Utc>>, now: DateTime<Utc>| {
            if let Some(slot) = step.claim {
                assert!(slot <= now, "{slot} is claimed at {now}");
                assert_eq!(claimed.replace(slot), None, "claimed while claiming");
            }
            // The schedule is alive: there is a next look, unless an answer is awaited.
            assert!(step.next.is_some() || claimed.is_some());
            step.skipped.iter().flatten().map(|(_, number)| number).sum::<u64>()
        };
        for event in events {
            match event {
                Event::Wait(seconds) | Event::Step(seconds) => {
                    now += TimeDelta::seconds(seconds);
                    let step = plan.wake(now);
                    skipped += note(step, &mut claimed, now);
                }
                Event::Answer(answer) => {
                    let Some(slot) = claimed.take() else { continue };
                    if answer == Answered::Granted {
                        running = Some(Some(slot));
                    }
                    let step = plan.answered(answer, now);
                    skipped += note(step, &mut claimed, now);
                }
                Event::End(is_final) => {
                    let Some(slot) = running.take() else { continue };
                    // A due time that is left open after others were skipped over it ends with its interrupted run.
                    let ends = slot.is_some_and(|slot| is_final || slot != plan.done());
                    runs += u64::from(ends);
                    let step = plan.ended(is_final, now);
                    skipped += note(step, &mut claimed, now);
                }
                Event::Trigger(granted) => {
                    if plan.trigger() {
                        assert_eq!(plan.wake(now), Step::default(), "one question at a time");
                        let step = plan.triggered(granted, now);
                        running = granted.then_some(None);
                        skipped += note(step, &mut claimed, now);
                    }
                }
            }
        }
        let open = matches!(plan.phase, Phase::Open(_) | Phase::Claiming { .. } | Phase::Running(Some(_)));
        let timetable = Timetable::new(schedule, at(0));
        let mut occurrences = 0;
        let mut occurrence = timetable.next_after(start);
        while occurrence <= plan.done() {
            occurrences += 1;
            occurrence = timetable.next_after(occurrence);
        }
        prop_assert_eq!(runs + skipped + u64::from(open), occurrences);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_due_time_ends_as_one_run_or_is_skipped_for_one_reason(
            schedule in schedule(1),
            jitter in 0_u64..30,
            events in prop::collection::vec(event(), 1..120),
        ) {
            live(schedule, jitter, events)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2))]

        /// Of forty thousand events, some twelve thousand let time pass, each 2,000 s on average.
        #[test]
        fn so_does_every_due_time_of_a_year(
            schedule in schedule(60),
            jitter in 0_u64..30,
            events in prop::collection::vec(event(), 40_000),
        ) {
            live(schedule, jitter, events)?;
        }
    }
}
