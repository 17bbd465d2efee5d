//! The failure rate of a job that rests at night or at weekends. "While a job rests, it stays as it
//! was": the last five intervals tell it once they hold the three runs that it takes, and until
//! then what they told before holds. Of what was before any of that, the longer time tells.

use super::super::clock::Clock;
use super::super::job::Promise;
use super::super::tally::{Held, Tally};
use super::super::truth::Truth;
use super::counting::{
    MOST_FAIL, by_failure, evidence, failure_rate, not_recovered, over_all, rounded_up, share_above,
};

/// How many runs it takes to tell.
const ENOUGH: f64 = 3.0;

/// "> 50% failure rate", at each evaluation.
///
/// Open: where runs may be so slow that three of them just fit into the last five intervals,
/// whether these are told over a longer time instead, as they are where fewer fit.
pub(super) fn failure_rates(tally: &Tally<'_>, promise: &Promise, clock: Clock) -> Vec<Truth> {
    let over_long = || clock.evaluations().map(|now| failure_rate(tally, promise, now));
    if promise.three_slow_executions > rounded_up(promise.five_intervals) {
        return over_long().collect();
    }
    let mut known = None;
    let of = |now| {
        known = most_fail(tally, promise, now, known);
        let most = known.unwrap_or(Truth::Not);
        most.and(enough(tally, promise, now)).and(not_recovered(tally, promise, now))
    };
    let as_it_was: Vec<Truth> = clock.evaluations().map(of).collect();
    match promise.three_slow_executions > promise.five_intervals {
        true => as_it_was.into_iter().zip(over_long()).map(|(a, b)| Truth::agreed([a, b])).collect(),
        false => as_it_was,
    }
}

fn short(promise: &Promise) -> (u64, u64) {
    (promise.five_intervals, rounded_up(promise.five_intervals))
}

fn long(promise: &Promise) -> (u64, u64) {
    (promise.many_executions, rounded_up(promise.many_executions))
}

/// Whether most runs fail, given what was known before. `None` if there was no run.
fn most_fail(tally: &Tally<'_>, promise: &Promise, now: u64, before: Option<Truth>) -> Option<Truth> {
    let most = |held: &Held| share_above(held, MOST_FAIL);
    let is_nothing = |held: &Held| held.bad + held.good == 0.0;
    let before = match (tally.windows(now, long(promise), by_failure), before) {
        (Some(held), _) if held.iter().all(is_nothing) => None,
        (Some(held), None) => Some(Truth::agreed(held.iter().map(most))),
        (None, None) => Some(Truth::Open),
        (_, before) => before,
    };
    let Some(held) = tally.windows(now, short(promise), by_failure) else { return Some(Truth::Open) };
    let told = held.iter().map(|held| {
        let all = held.bad + held.good;
        match (all >= ENOUGH, all * held.at_most > ENOUGH - 1.0) {
            (true, _) => Some(most(held)),
            (false, true) => Some(Truth::agreed([most(held), before.unwrap_or(Truth::Not)])),
            (false, false) => before,
        }
    });
    let told: Vec<Option<Truth>> = told.collect();
    let is_known = told.iter().any(Option::is_some);
    is_known.then(|| Truth::agreed(told.into_iter().map(|told| told.unwrap_or(Truth::Not))))
}

/// "It takes three runs to tell, or two that failed", of which the longer time holds most.
fn enough(tally: &Tally<'_>, promise: &Promise, now: u64) -> Truth {
    let over = |windows| over_all(tally.windows(now, windows, by_failure), evidence);
    match over(short(promise)) {
        Truth::Holds => Truth::Holds,
        _ => over(long(promise)),
    }
}
