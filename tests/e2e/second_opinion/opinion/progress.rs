//! Sentences about single executions: one that does not end, and several that fail in a row.

use super::super::job::Promise;
use super::super::sight::Sight;
use super::super::truth::Truth;

/// "A run in progress for longer than its timeout." Its own replica says so, by its own clock.
pub(super) fn stuck(sight: &Sight<'_>, promise: &Promise, now: u64) -> Truth {
    let log = sight.log;
    let truth = |seen: u64| match log.in_progress(seen) {
        Some(run) => {
            let skew = log.replicas[run.replica].skew.unsigned_abs();
            Truth::longer(now - run.start, promise.timeout, skew).if_seen(sight.sees(run.replica, now))
        }
        None => Truth::Not,
    };
    sight.truth(now, truth)
}

/// "At least 3 failed runs in a row."
///
/// Open: a replica that is alone with what it knows does not ask while the job is paused.
pub(super) fn failures_in_a_row(sight: &Sight<'_>, promise: &Promise, now: u64) -> Truth {
    let log = sight.log;
    let truth = |seen: u64| {
        let failures = log.failures_in_a_row(seen);
        if log.replicas.len() > 1 && log.is_paused(seen) {
            return Truth::Open;
        }
        Truth::from(failures >= promise.failures_in_a_row)
    };
    sight.truth(now, truth).if_seen(sight.is_seen(now))
}
