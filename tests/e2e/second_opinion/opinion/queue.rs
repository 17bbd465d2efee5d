//! Sentences about queues.

use super::super::job::Promise;
use super::super::sight::Sight;
use super::super::truth::Truth;

const TEN_MINUTES: u64 = 600;
const HOUR: u64 = 3_600;
/// By how much a queue has to have grown.
const GROWTH: f64 = 1.5;

/// "Queue size > 1000."
pub(super) fn long(sight: &Sight<'_>, promise: &Promise, now: u64) -> Truth {
    Truth::above(length(sight, now), promise.long_queue as f64).if_seen(sight.is_seen(now))
}

/// "Queue > 100 and growing by > 50% over 10 minutes. It is compared with the longest that it was
/// from 70 to 10 minutes ago, so that one that swings does not count as grown, nor does one that
/// nobody saw then."
pub(super) fn growing(sight: &Sight<'_>, promise: &Promise, now: u64) -> Truth {
    let clock = sight.clock;
    let Some(until) = now.checked_sub(TEN_MINUTES) else { return Truth::Not };
    let from = until.saturating_sub(HOUR).div_ceil(clock.evaluation) * clock.evaluation;
    let moments = (from..=until).step_by(clock.evaluation as usize).filter(|&at| sight.is_seen(at));
    let earlier: Vec<(f64, f64)> = moments.map(|at| length(sight, at)).collect();
    let highest = |of: fn(&(f64, f64)) -> f64| earlier.iter().map(of).reduce(f64::max);
    let (Some(low), Some(high)) = (highest(|length| length.0), highest(|length| length.1)) else {
        return Truth::Not;
    };
    let (shortest, longest) = length(sight, now);
    let is_long = Truth::above((shortest, longest), promise.growing_queue as f64);
    // Grown by how much more than it may have, in both cases at worst and at best.
    let grown = (shortest - GROWTH * high, longest - GROWTH * low);
    is_long.and(Truth::above(grown, 0.0)).if_seen(sight.is_seen(now))
}

/// How long the queue is between the last scrape and now, at least and at most.
fn length(sight: &Sight<'_>, now: u64) -> (f64, f64) {
    let (log, scrape) = (sight.log, sight.clock.scrape_until(now));
    let later = log.queue.iter().filter(|&&(from, _)| scrape < from && from <= now);
    let lengths = later.map(|&(_, length)| length).chain([log.queue_at(scrape)]);
    let (low, high) = lengths.fold((u64::MAX, 0), |(low, high), length| (low.min(length), high.max(length)));
    (low as f64, high as f64)
}
