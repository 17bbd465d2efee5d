//! Runs that fail at the job's own pace, to which each alert about failures adds what it makes of
//! them.

use jobwatch_catalogue::label::RunStatus;

use super::described::Scenario;
use super::stage::Stage;
use crate::lookback::Lookback;

/// A scenario in which every run fails.
#[derive(Debug, Clone)]
pub struct Failures {
    /// What happens. Nothing is checked yet.
    pub scenario: Scenario,
    /// How many runs have failed by [`Self::enough`].
    pub runs: u64,
    /// The first step by which so many runs have failed.
    pub enough: u64,
    /// How long each run takes, in seconds.
    pub duration: u64,
    /// The seconds from one run to the next.
    pub cycle: u64,
    /// Whether the process exposes the contract's metrics alone.
    pub contract_only: bool,
}

/// How many runs have failed before alerts are looked at.
const RUNS: u64 = 6;

/// Returns the scenarios in which every run fails: soon after its start, at its timeout, and in a
/// process that exposes the contract's metrics alone.
pub fn every_run_fails(stage: &Stage<'_>) -> [Failures; 3] {
    [
        ("every-run-fails", "Every execution fails.", stage.usual_duration(), false),
        (
            "every-run-times-out",
            "Every execution takes all the time it may, and fails.",
            stage.timeout(),
            false,
        ),
        (
            "every-run-fails-contract-only",
            "Every execution fails, in a process that exposes the contract's metrics alone.",
            stage.usual_duration(),
            true,
        ),
    ]
    .map(|(name, says, duration, contract_only)| {
        let cycle = stage.cycle(duration);
        let enough = stage.first_run() + cycle.saturating_mul(RUNS).max(3 * stage.step());
        let process = stage.steady(duration, RunStatus::Failed);
        let process = if contract_only { process.contract_only() } else { process };
        let scenario =
            Scenario::new(name, says).process(process).step_at_most(stage.step_for_rates(Lookback::Long));
        Failures { scenario, runs: RUNS, enough: stage.step_from(enough), duration, cycle, contract_only }
    })
}

/// Returns the scenario in which one run fails and the next one succeeds, and when to look: just
/// before that success, and two intervals later. `None` if the job is overdue by then.
pub fn one_run_fails(stage: &Stage<'_>) -> Option<(Scenario, [u64; 2])> {
    let duration = stage.usual_duration();
    if stage.interval().saturating_mul(2).saturating_add(duration) > stage.shortest_staleness() {
        return None;
    }
    let runs = stage
        .runs()
        .then(1, duration, RunStatus::Success)
        .then(1, duration, RunStatus::Failed)
        .then_always(duration, RunStatus::Success);
    let moment = |intervals| stage.step_from(stage.first_run() + intervals * stage.interval());
    let scenario = Scenario::new("one-run-fails", "One execution fails, and the next one succeeds.")
        .process(stage.process(runs));
    Some((scenario, [moment(2), moment(4)]))
}
