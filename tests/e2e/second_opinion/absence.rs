//! The sentence about what is not there: "No metrics of the job for 10 minutes."

use super::clock::Clock;
use super::event_log::EventLog;
use super::sight::Sight;
use super::truth::{Truth, Zone, zones};

/// For how many seconds nothing has to be there.
const HOLD: u64 = 600;

/// What the alert does: about the job anywhere, and about each environment, if these are copies
/// that are judged apart. Of a copy that nobody has seen yet, nobody knows.
pub(super) fn absence(logs: &[&EventLog], clock: Clock, are_apart: bool) -> (Vec<Zone>, Vec<Vec<Zone>>) {
    let sights: Vec<Sight<'_>> = logs.iter().map(|log| Sight::new(log, clock)).collect();
    let told = |absent: &dyn Fn(u64) -> bool| {
        let truths: Vec<Truth> = clock.evaluations().map(|now| Truth::from(absent(now))).collect();
        zones(&truths, clock.evaluation, HOLD)
    };
    let first_seen =
        |sight: &Sight<'_>| clock.evaluations().find(|&now| sight.is_seen(now)).unwrap_or(u64::MAX);
    let first_seen: Vec<u64> = sights.iter().map(first_seen).collect();
    let anywhere = told(&|now| {
        let nowhere = sights.iter().all(|sight| !sight.is_seen(now));
        nowhere && !(are_apart && first_seen.iter().any(|&first| first <= now))
    });
    let each =
        |(sight, &first): (&Sight<'_>, &u64)| told(&|now| are_apart && !sight.is_seen(now) && first <= now);
    (anywhere, sights.iter().zip(&first_seen).map(each).collect())
}
