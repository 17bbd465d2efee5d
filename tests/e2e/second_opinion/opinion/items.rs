//! The sentence about items. The runbook says: "> 20% item failure rate. It takes three items to
//! tell. They no longer fail when none did in the job's last two intervals, and in half an hour at
//! least. What is known of them holds until others are attempted."

use super::super::clock::Clock;
use super::super::event_log::Run;
use super::super::job::Promise;
use super::super::tally::{Held, Tally};
use super::super::truth::Truth;
use super::MINUTE;
use super::counting::{over_all, rounded_up, share_above, windows};

const MANY: f64 = 0.2;
/// How many items it takes to tell.
const ENOUGH: f64 = 3.0;

/// Whether it holds at each evaluation.
pub(super) fn failure_rates(tally: &Tally<'_>, promise: &Promise, clock: Clock) -> Vec<Truth> {
    // Two intervals, and the time until the next execution has been seen.
    let lately = (promise.two_intervals + 2 * MINUTE).max(30 * MINUTE);
    let mut still = Truth::Open;
    let of = |now| {
        let long = tally.windows(now, windows(promise), by_item);
        let is_forgotten = long.as_ref().is_none_or(|held| held.iter().any(|held| all(held) < ENOUGH));
        still = match tally.windows(now, (lately, lately), by_item).as_deref() {
            Some([.., held]) if held.bad > 0.0 => Truth::Holds,
            Some([.., held]) if held.good > 0.0 => Truth::Not,
            Some(_) if !is_forgotten => still,
            _ => Truth::Open,
        };
        let many = over_all(long, |held| share_above(held, MANY).and(enough(held)));
        match promise.many_executions {
            many_executions if many_executions > lately => many.and(still),
            // The longer time may be half an hour as well.
            many_executions if rounded_up(many_executions) > lately => {
                many.and(Truth::agreed([still, Truth::Holds]))
            }
            _ => many,
        }
    };
    clock.evaluations().map(of).collect()
}

fn by_item(run: &Run) -> (u64, u64) {
    (run.failed_items, run.items - run.failed_items)
}

fn all(held: &Held) -> f64 {
    held.bad + held.good
}

/// Open: two, where an increase may be counted as more.
fn enough(held: &Held) -> Truth {
    match all(held) {
        all if all >= ENOUGH => Truth::Holds,
        all if all * held.at_most >= ENOUGH => Truth::Open,
        _ => Truth::Not,
    }
}
