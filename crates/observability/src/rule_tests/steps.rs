//! How long the steps of simulations are.
//!
//! A step is a scrape of all series and an evaluation of all rules. Promtool needs about
//! ten milliseconds for each, so that a simulation has few, however long the time is that it is
//! about.

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

/// The most steps of a simulation. What needs more is simulated at a longer step.
const MOST: u64 = 200;
/// The same where each scenario needs a simulation of its own.
const MOST_EACH: u64 = 80;

/// Returns the step for what is seen at once.
pub(super) fn step_for_states(setting: &Setting<'_>) -> u64 {
    if setting.job.spec.timeout().as_secs() < LONG_TIMEOUT { MINUTE } else { 5 * MINUTE }
}

/// Returns the step for what takes several runs to see: the shortest at which some runs can be
/// shown without too many steps. What takes longer, such as a job that has not succeeded for a day,
/// is simulated at another step.
pub(super) fn step_for_runs(setting: &Setting<'_>) -> u64 {
    let stage = Stage::new(setting, SHORTEST_FOR_RUNS);
    let runs = stage.interval().saturating_mul(5);
    let longest_step = stage.step_for_rates(Lookback::Short).min(LONGEST_FOR_RUNS);
    let most = most_steps(&stage);
    let steps = || STEPS.into_iter().filter(|step| (SHORTEST_FOR_RUNS..=longest_step).contains(step));
    steps().find(|step| runs / step <= most).or_else(|| steps().next_back()).unwrap_or(SHORTEST_FOR_RUNS)
}

/// Returns the steps within a range of seconds, the shortest first.
pub(super) fn steps_within(range: impl std::ops::RangeBounds<u64>) -> impl Iterator<Item = u64> {
    STEPS.into_iter().filter(move |step| range.contains(step))
}

/// Returns the most steps of a simulation.
pub(super) fn most_steps(stage: &Stage<'_>) -> u64 {
    if stage.has_one_namespace() { MOST_EACH } else { MOST }
}
