//! Sentences about jobs that have not succeeded for too long.

use super::super::exposition::ASKS_AFTER;
use super::super::job::Promise;
use super::super::sight::Sight;
use super::super::truth::Truth;

/// "No successful run for > 2 hours, counted from the last success, or from when the job was first
/// scheduled if it never succeeded. A job that was paused counts from when it is back."
///
/// Open: how far clocks are apart; and whether "back" is when somebody resumes the job or up to an
/// interval before, since a process only tells when it is due next.
pub(super) fn stale(sight: &Sight<'_>, promise: &Promise, threshold: u64, now: u64) -> Truth {
    let log = sight.log;
    let skew = log.skew();
    let truth = |seen: u64| {
        let success = log.last_success(seen).map_or(log.first_scheduled, |success| success.end);
        let back = log.back_since(seen).unwrap_or(0);
        let latest = success.max(back);
        let earliest = match log.is_paused(seen) {
            // A replica that is alone with what it knows does not ask while the job is paused.
            true if log.replicas.len() > 1 => success.saturating_sub(promise.gaps.1 + ASKS_AFTER),
            true => success,
            false => success.max(back.saturating_sub(promise.gaps.1)),
        };
        let between = (now.saturating_sub(latest + skew), (now + skew).saturating_sub(earliest));
        Truth::above((between.0 as f64, between.1 as f64), threshold as f64)
    };
    sight.truth(now, truth).if_seen(sight.is_seen(now))
}

/// "The job was due, has had all the time that a run may take, and has not succeeded since." A job
/// that is paused is not overdue.
pub(super) fn overdue(sight: &Sight<'_>, promise: &Promise, now: u64) -> Truth {
    let log = sight.log;
    let truth = |seen: u64| {
        if log.is_paused(seen) || now < log.first_scheduled {
            return Truth::Not;
        }
        let had_time = log.awaited(seen) + promise.timeout;
        Truth::longer(now.saturating_sub(had_time), promise.overdue, log.skew())
    };
    sight.truth(now, truth).if_seen(sight.is_seen(now))
}
