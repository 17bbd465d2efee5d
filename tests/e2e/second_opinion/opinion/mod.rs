//! The second opinion: the sentences of the runbook, read in plain Rust. What an alert must do
//! follows from the event log; no rule, no expression and no condition of the generator is read.
//!
//! Each file reads the sentences of some alerts and says of every evaluation whether they hold.

mod counting;
mod items;
mod progress;
mod queue;
mod rest;
mod staleness;

use super::clock::Clock;
use super::event_log::EventLog;
use super::job::Promise;
use super::sight::Sight;
use super::tally::Tally;
use super::truth::{Truth, Zone, zones};

const MINUTE: u64 = 60;
/// For how long a warning goes on firing until it pages.
const UNRESOLVED: u64 = 30 * MINUTE;

/// What an alert does about a job in one environment, at each evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opinion {
    pub(super) alert: &'static str,
    /// The warning that escalates, of an alert about that.
    pub(super) escalates: Option<&'static str>,
    pub(super) zones: Vec<Zone>,
}

/// A sentence of the runbook: its alert, for how many seconds it has to hold, and whether it
/// escalates.
#[derive(Clone, Copy)]
struct Sentence {
    alert: &'static str,
    hold: u64,
    escalates: bool,
}

impl Sentence {
    const fn warning(alert: &'static str, hold: u64) -> Self {
        Self { alert, hold, escalates: true }
    }

    const fn critical(alert: &'static str, hold: u64) -> Self {
        Self { alert, hold, escalates: false }
    }

    /// What follows from when it holds. "A warning unresolved for 30 minutes" is one whose sentence
    /// has held for so much longer.
    fn told(self, truths: &[Truth], clock: Clock) -> Vec<Opinion> {
        let Self { alert, hold, escalates } = self;
        let mut all = vec![Opinion { alert, escalates: None, zones: zones(truths, clock.evaluation, hold) }];
        if escalates {
            let zones = zones(truths, clock.evaluation, hold + UNRESOLVED);
            all.push(Opinion { alert: "BackgroundJobUnresolved", escalates: Some(alert), zones });
        }
        all
    }
}

/// What every alert does about a job in one environment, but for the one about what is not there.
pub(super) fn opinions(log: &EventLog, promise: &Promise, clock: Clock) -> Vec<Opinion> {
    let (sight, tally) = (Sight::new(log, clock), Tally::new(log, clock));
    let mut all = Vec::new();
    let mut say = |sentence: Sentence, of: &dyn Fn(u64) -> Truth| {
        let truths: Vec<Truth> = clock.evaluations().map(of).collect();
        all.extend(sentence.told(&truths, clock));
    };
    let stale = |threshold| {
        let sight = &sight;
        move |now: u64| staleness::stale(sight, promise, threshold, now)
    };
    say(Sentence::warning("BackgroundJobNotRunning", 0), &stale(promise.not_running));
    say(Sentence::critical("BackgroundJobCriticallyStale", 0), &stale(promise.critically_stale));
    say(Sentence::warning("BackgroundJobStuck", MINUTE), &|now| progress::stuck(&sight, promise, now));
    say(Sentence::warning("BackgroundJobConsecutiveFailures", 0), &|now| {
        progress::failures_in_a_row(&sight, promise, now)
    });
    say(Sentence::warning("BackgroundJobQueueGrowing", 0), &|now| queue::growing(&sight, promise, now));
    say(Sentence::critical("BackgroundJobCriticalQueueSize", 10 * MINUTE), &|now| {
        queue::long(&sight, promise, now)
    });
    say(Sentence::warning("BackgroundJobFailing", 5 * MINUTE), &|now| {
        counting::failing(&tally, promise, now)
    });
    let resting = promise.rests().then(|| rest::failure_rates(&tally, promise, clock));
    say(Sentence::critical("BackgroundJobCriticalFailureRate", 5 * MINUTE), &|now| match &resting {
        Some(truths) => truths[(now / clock.evaluation) as usize],
        None => counting::failure_rate(&tally, promise, now),
    });
    let slow = |threshold| {
        let tally = &tally;
        move |now: u64| counting::slow(tally, promise, threshold, now)
    };
    say(Sentence::warning("BackgroundJobHighDuration", 15 * MINUTE), &slow(promise.slow));
    say(Sentence::critical("BackgroundJobCriticalDuration", 10 * MINUTE), &slow(promise.very_slow));
    let many_items_fail = items::failure_rates(&tally, promise, clock);
    say(Sentence::warning("BackgroundJobHighItemFailureRate", 15 * MINUTE), &|now| {
        many_items_fail[(now / clock.evaluation) as usize]
    });
    all.extend(overdue(&sight, promise));
    all
}

/// "Success overdue for > 2 minutes for 1 minute. When `BackgroundJobNotRunning` fires for the job
/// as well, this one ends." Its escalation goes on.
fn overdue(sight: &Sight<'_>, promise: &Promise) -> Vec<Opinion> {
    const OVERDUE: &str = "BackgroundJobOverdue";
    let clock = sight.clock;
    let overdue: Vec<Truth> =
        clock.evaluations().map(|now| staleness::overdue(sight, promise, now)).collect();
    let stale = |now| staleness::stale(sight, promise, promise.not_running, now);
    let stale: Vec<Truth> = clock.evaluations().map(stale).collect();
    // The two rules are of two groups, of which either may be evaluated first.
    let is_moot = |place: usize| Truth::agreed(stale[place.saturating_sub(1)..=place].iter().copied());
    let not_moot = |place| match is_moot(place) {
        Truth::Holds => Truth::Not,
        Truth::Not => Truth::Holds,
        Truth::Open => Truth::Open,
    };
    let told: Vec<Truth> =
        overdue.iter().enumerate().map(|(place, overdue)| overdue.and(not_moot(place))).collect();
    let mut all = Sentence::critical(OVERDUE, MINUTE).told(&told, clock);
    let escalated = Sentence::warning(OVERDUE, MINUTE).told(&overdue, clock);
    all.extend(escalated.into_iter().filter(|opinion| opinion.escalates.is_some()));
    all
}
