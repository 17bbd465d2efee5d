//! How long the steps of scenarios are.

/// All steps, in seconds, the shortest first.
const STEPS: [u64; 12] = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800, 2_592_000];

/// Returns the shortest step at which something that takes so many seconds has no more than so many
/// steps.
pub(super) fn step_for(seconds: u64, most: u64) -> u64 {
    let fits = |step: &u64| seconds / step <= most;
    STEPS.into_iter().find(fits).unwrap_or(STEPS[STEPS.len() - 1])
}

/// Returns all steps, the shortest first.
pub(super) fn steps() -> impl Iterator<Item = u64> {
    STEPS.into_iter()
}
