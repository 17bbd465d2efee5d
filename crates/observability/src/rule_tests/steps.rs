//! How long the steps of simulations are.
//!
//! A step is a scrape of all series and an evaluation of all rules. Promtool needs about a
//! millisecond for a rule, so a simulation has a few hundred steps at most, however long the time
//! is that it is about.

use crate::lookback::Lookback;
use crate::scenario::{Setting, Stage};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// All steps, in seconds, the shortest first.
const STEPS: [u64; 10] = [1, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY];
/// The shortest step for what takes several runs to see.
const SHORTEST_FOR_RUNS: u64 = 5 * MINUTE;
/// The longest such step that is chosen for all scenarios together.
const LONGEST_FOR_RUNS: u64 = DAY;
/// A job that may run for so long is watched in steps of five minutes rather than of one.
const LONG_TIMEOUT: u64 = 4 * HOUR;

/// A step is chosen so that what takes longest is over after so many steps.
const MANY: u64 = 500;
/// The same where each scenario needs a simulation of its own.
const MANY_EACH: u64 = 150;
/// What needs more steps than this is simulated at another step.
const MOST: u64 = 500;
/// The same where each scenario needs a simulation of its own.
const MOST_EACH: u64 = 200;

/// Returns the step for what is seen at once.
pub(super) fn step_for_states(setting: &Setting<'_>) -> u64 {
    if setting.job.timeout().as_secs() < LONG_TIMEOUT { MINUTE } else { 5 * MINUTE }
}

/// Returns the step for what takes several runs to see: the shortest at which everything can be
/// shown without too many steps. Where there is none, the shortest at which the runs can be shown,
/// but for jobs that are overdue only after long.
pub(super) fn step_for_runs(setting: &Setting<'_>) -> u64 {
    let stage = Stage::new(setting, SHORTEST_FOR_RUNS);
    let intervals = stage.interval().saturating_mul(5);
    let overdue_after = stage.alerts().filter_map(|name| stage.staleness(name)).max().unwrap_or(0);
    let longest_step = stage.step_for_rates(Lookback::Short).min(LONGEST_FOR_RUNS);
    let many = if stage.has_one_namespace() { MANY_EACH } else { MANY };
    let steps = || STEPS.into_iter().filter(|step| (SHORTEST_FOR_RUNS..=longest_step).contains(step));
    let step_for = |seconds| steps().find(|step| seconds / step <= many);
    step_for(overdue_after.max(intervals))
        .or_else(|| step_for(intervals))
        .or_else(|| steps().next_back())
        .unwrap_or(SHORTEST_FOR_RUNS)
}

/// Returns the steps within a range of seconds, the shortest first.
pub(super) fn steps_within(range: impl std::ops::RangeBounds<u64>) -> impl Iterator<Item = u64> {
    STEPS.into_iter().filter(move |step| range.contains(step))
}

/// Returns the most steps of a simulation.
pub(super) fn most_steps(stage: &Stage<'_>) -> u64 {
    if stage.has_one_namespace() { MOST_EACH } else { MOST }
}
