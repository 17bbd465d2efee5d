//! When alerts can fire at best: the runbook's sentences, read without PromQL.
//!
//! Each function takes what happened and returns the first moment at which a sentence holds, for as
//! long as it says. Rules cannot be sooner; how much later they are is what a proof shows.

use super::case::Best;
use crate::alert_name::AlertName;
use crate::alerts::consecutive_failures::CONSECUTIVE_FAILURES;
use crate::alerts::critical_duration::CRITICAL_DURATION;
use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
use crate::alerts::critically_stale::CRITICALLY_STALE;
use crate::alerts::high_duration::HIGH_DURATION;
use crate::alerts::high_item_failure_rate::HIGH_ITEM_FAILURE_RATE;
use crate::alerts::metrics_absent::METRICS_ABSENT;
use crate::alerts::overdue::OVERDUE;
use crate::alerts::queue_growing::QUEUE_GROWING;
use crate::alerts::stuck::STUCK;
use crate::parameter::{ABOVE, AT_LEAST, GROWTH, OVER};
use crate::scenario::Stage;

/// The sooner of two.
pub(super) fn first(all: impl IntoIterator<Item = Option<Best>>) -> Option<Best> {
    all.into_iter().flatten().min_by_key(|best| best.at)
}

fn after(stage: &Stage<'_>, alert: AlertName, holds_from: u64) -> Option<Best> {
    stage.watches(alert).then(|| Best { alert, at: holds_from.saturating_add(stage.hold(alert)) })
}

/// A success is awaited since a due time.
pub(super) fn overdue(stage: &Stage<'_>, due: u64) -> Option<Best> {
    let tolerated = stage.seconds(OVERDUE.name, ABOVE)?;
    after(stage, OVERDUE.name, due + stage.timeout() + tolerated)
}

/// There has been no success since a moment, for so long that it is critical.
pub(super) fn critically_stale(stage: &Stage<'_>, since: u64, in_force: u64) -> Option<Best> {
    let alert = CRITICALLY_STALE.name;
    let tolerated = 2 * stage.tolerated_interval(alert, in_force);
    after(stage, alert, since + stage.staleness(alert)?.max(tolerated))
}

/// The first execution of a row that fails ends at a moment, and one more each time so many seconds
/// have passed.
pub(super) fn failures(stage: &Stage<'_>, first_end: u64, cycle: u64) -> Option<Best> {
    let number = stage.count(CONSECUTIVE_FAILURES.name, AT_LEAST)?;
    let more = number.saturating_sub(1).saturating_mul(cycle);
    after(stage, CONSECUTIVE_FAILURES.name, first_end.saturating_add(more))
}

/// An execution is in progress since a moment, and does not end.
pub(super) fn stuck(stage: &Stage<'_>, since: u64) -> Option<Best> {
    after(stage, STUCK.name, since + stage.timeout())
}

/// Executions take at least so long, and longer, from one on that ends at a moment.
pub(super) fn slow(stage: &Stage<'_>, duration: u64, first_end: u64) -> Option<Best> {
    first([HIGH_DURATION.name, CRITICAL_DURATION.name].map(|alert| {
        let threshold = stage.seconds(alert, ABOVE)?;
        (duration >= threshold).then(|| after(stage, alert, first_end))?
    }))
}

/// Half of the items of each execution fail from one on that ends at a moment, after so many of
/// which none did. All of them have equally many.
pub(super) fn half_of_the_items_fail(stage: &Stage<'_>, before: u64, first_end: u64) -> Option<Best> {
    const MILLIONTHS: u64 = 1_000_000;
    let threshold = stage.millionths(HIGH_ITEM_FAILURE_RATE.name, ABOVE)?;
    let is_above = |bad: &u64| bad * MILLIONTHS / 2 > threshold.saturating_mul(before + bad);
    let bad = (1..=before.saturating_mul(100) + 1).find(is_above)?;
    after(stage, HIGH_ITEM_FAILURE_RATE.name, first_end + (bad - 1) * stage.interval())
}

/// A queue is as long as this from each moment on.
pub(super) fn queue(stage: &Stage<'_>, lengths: &[(u64, u64)]) -> Option<Best> {
    let at = |moment: u64| lengths.iter().rfind(|&&(from, _)| from <= moment).map(|&(_, length)| length);
    let growing = || {
        let alert = QUEUE_GROWING.name;
        let [above, growth] = [stage.count(alert, ABOVE)?, stage.millionths(alert, GROWTH)?].map(u128::from);
        let over = stage.seconds(alert, OVER)?;
        let holds = |&&(from, length): &&(u64, u64)| {
            let earlier = from.checked_sub(over).and_then(at).map(u128::from);
            let grown = |earlier| u128::from(length) * 1_000_000 > earlier * (1_000_000 + growth);
            u128::from(length) > above && earlier.is_some_and(grown)
        };
        after(stage, alert, lengths.iter().find(holds)?.0)
    };
    let critical = || {
        let above = stage.count(CRITICAL_QUEUE_SIZE.name, ABOVE)?;
        let from = lengths.iter().find(|&&(_, length)| length > above)?.0;
        after(stage, CRITICAL_QUEUE_SIZE.name, from)
    };
    first([growing(), critical()])
}

/// Nothing is exposed since a moment.
pub(super) fn absent(stage: &Stage<'_>, since: u64) -> Option<Best> {
    after(stage, METRICS_ABSENT.name, since)
}
