//! Sentences about shares and rates, which take a time to count over. The runbook says "the last
//! five intervals, or longer where runs are slow": what holds over all such times holds, and what
//! holds over none does not.

use super::super::event_log::{Outcome, Run};
use super::super::job::Promise;
use super::super::tally::{Held, Tally};
use super::super::truth::Truth;
use super::MINUTE;

/// "> 50% failure rate".
pub(super) const MOST_FAIL: f64 = 0.5;

/// Jobs share windows, so that one may be half as long again, and the shortest is ten minutes.
pub(super) fn rounded_up(seconds: u64) -> u64 {
    (seconds + seconds / 2).max(10 * MINUTE)
}

/// From five intervals to as long as three slow executions take.
pub(super) fn windows(promise: &Promise) -> (u64, u64) {
    (promise.five_intervals, rounded_up(promise.many_executions))
}

pub(super) fn over_all(held: Option<Vec<Held>>, of: impl Fn(&Held) -> Truth) -> Truth {
    held.map_or(Truth::Open, |held| Truth::agreed(held.iter().map(of)))
}

pub(super) fn by_failure(run: &Run) -> (u64, u64) {
    if run.outcome == Outcome::Failed { (1, 0) } else { (0, 1) }
}

/// "> 0.1 failures/sec", over the last five intervals.
pub(super) fn failing(tally: &Tally<'_>, promise: &Promise, now: u64) -> Truth {
    let windows = (promise.five_intervals, rounded_up(promise.five_intervals));
    over_all(tally.windows(now, windows, by_failure), |held| {
        let (low, high) = held.bad();
        Truth::above((low / held.window.1 as f64, high / held.window.0 as f64), promise.failing)
    })
}

/// "> 50% failure rate. It takes three runs to tell, or two that failed. A job that is due twice in
/// ten minutes or more rarely has recovered when none of the runs in its last two intervals
/// failed."
///
/// Open: just half, at which it goes on if it was more before.
pub(super) fn failure_rate(tally: &Tally<'_>, promise: &Promise, now: u64) -> Truth {
    let most = over_all(tally.windows(now, windows(promise), by_failure), |held| {
        let is_half = held.bad > 0.0 && held.bad == held.good;
        let more = if is_half { Truth::Open } else { share_above(held, MOST_FAIL) };
        more.and(evidence(held))
    });
    most.and(not_recovered(tally, promise, now))
}

/// Whether the share of bad ones is above a threshold. Nothing is no share.
pub(super) fn share_above(held: &Held, threshold: f64) -> Truth {
    held.share().map_or(Truth::Not, |share| Truth::above(share, threshold))
}

/// "It takes three runs to tell, or two that failed."
///
/// Open: two of which one failed, where an increase may be counted as more.
pub(super) fn evidence(held: &Held) -> Truth {
    let (all, failed) = (held.bad + held.good, held.bad);
    match (all >= 3.0 || failed >= 2.0, all * held.at_most > 2.0) {
        (true, _) => Truth::Holds,
        (false, true) => Truth::Open,
        (false, false) => Truth::Not,
    }
}

/// What was known of the last executions holds until another ends.
pub(super) fn not_recovered(tally: &Tally<'_>, promise: &Promise, now: u64) -> Truth {
    if promise.two_intervals < 10 * MINUTE {
        return Truth::Holds;
    }
    // And the time until the next one has been seen.
    let lately = promise.two_intervals + 2 * MINUTE;
    let Some(held) = tally.windows(now, (lately, lately), by_failure) else { return Truth::Open };
    match held.last() {
        Some(held) if held.bad > 0.0 => Truth::Holds,
        Some(held) if held.good > 0.0 => Truth::Not,
        _ => Truth::agreed(tally.newest(now).take(2).map(|run| Truth::from(run.outcome == Outcome::Failed))),
    }
}

/// "P95 duration > 300 seconds. A job is no longer slow when its last run was quick, and all those
/// of half an hour."
pub(super) fn slow(tally: &Tally<'_>, promise: &Promise, threshold: u64, now: u64) -> Truth {
    const SLOWEST: f64 = 0.05;
    let by_duration = |run: &Run| if run.end - run.start > threshold { (1, 0) } else { (0, 1) };
    let many = over_all(tally.windows(now, windows(promise), by_duration), |held| {
        let all = held.bad + held.good;
        // Slow ones are those that are counted and are not among the quick: both are extrapolated.
        let more = held.good * (held.at_most - 1.0);
        let is_certain = held.at_most == 1.0;
        let low = ((held.bad - more) / all).max(0.0);
        let high = (held.bad * held.at_most + more) / all;
        match all {
            0.0 => Truth::Not,
            _ if held.bad == 0.0 && is_certain => Truth::Not,
            _ => Truth::above((low, high), SLOWEST),
        }
    });
    let quick_for = promise.gaps.0.max(30 * MINUTE);
    if promise.many_executions <= quick_for && rounded_up(promise.many_executions) > quick_for {
        return many.and(Truth::Open);
    }
    if promise.many_executions <= quick_for {
        return many;
    }
    let interval = (quick_for, quick_for);
    let Some(held) = tally.windows(now, interval, by_duration) else { return Truth::Open };
    let is_slow = |run: &Run| Truth::from(by_duration(run).0 > 0);
    let last = match held.last() {
        Some(held) if held.bad + held.good > 0.0 && held.bad == 0.0 => Truth::Not,
        Some(held) if held.bad > 0.0 && held.good == 0.0 => Truth::Holds,
        Some(held) if held.bad > 0.0 => Truth::Open,
        _ => Truth::agreed(tally.newest(now).take(2).map(is_slow)),
    };
    many.and(last)
}
