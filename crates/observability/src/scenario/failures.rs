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

/// How often a pattern of five runs is repeated before it is looked at no more.
const REPEATS: u64 = 2;
/// Which of five runs fail: the first, the third and the fifth.
const IN_TURN: [RunStatus; 5] =
    [RunStatus::Failed, RunStatus::Success, RunStatus::Failed, RunStatus::Success, RunStatus::Failed];

/// The longest step, in seconds, at which Prometheus has not forgotten what it said of an alert: it
/// does after five minutes.
const REMEMBERED: u64 = 4 * 60;
/// The rarest job, in seconds, of which so many runs take few enough of such steps.
const RAREST: u64 = 20 * 60;

/// Returns the scenario in which three of five runs fail, in turn with those that succeed, and when
/// each has ended. `None` if they are more than half of the runs of every window, or if the job is
/// due too rarely.
pub fn three_of_five_runs_fail(stage: &Stage<'_>) -> Option<(Scenario, Vec<u64>)> {
    let (interval, duration) = (stage.interval(), stage.usual_duration());
    let pattern = || IN_TURN.into_iter().cycle();
    let held = usize::try_from(stage.lookback(Lookback::Short) / interval).ok()?;
    let failures = |from: usize| pattern().skip(from).take(held).filter(|&run| run == RunStatus::Failed);
    let is_half = |from| 2 * failures(from).count() == held;
    if interval > RAREST || !(0..IN_TURN.len()).any(is_half) {
        return None;
    }
    let count = REPEATS * IN_TURN.len() as u64;
    let runs = pattern().zip(0..count).fold(stage.runs(), |runs, (status, _)| runs.then(1, duration, status));
    let scenario = Scenario::new(
        "three-of-five-runs-fail",
        "Three of five executions fail, in turn with those that succeed, so that now and then just half of \
         those looked back upon have.",
    );
    let ended = (0..count).map(|run| stage.step_after(stage.first_run() + run * interval + duration));
    let scenario = scenario.process(stage.process(runs)).step_at_most(REMEMBERED);
    Some((scenario, ended.collect()))
}
