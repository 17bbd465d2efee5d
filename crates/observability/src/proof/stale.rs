//! Jobs that have not succeeded for long, and those that only look like it.

use jobwatch_catalogue::label::{RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
    JOB_SCHEDULE_INTERVAL_SECONDS,
};
use jobwatch_catalogue::{AlertName, Quantity};

use super::process::{Process, Run};
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;

use AlertName::{
    BackgroundJobConsecutiveFailures as Consecutive, BackgroundJobCriticallyStale as Critical,
    BackgroundJobNotRunning as NotRunning,
};

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let mut all = vec![never(stage), stopped(stage), disabled(stage)];
    if stage.remembers() {
        all.push(never_contract_only(stage));
    }
    all.extend(lengthened(stage));
    all.extend(one_failure(stage));
    all.push(old_replica(stage));
    all
}

/// The seconds without success from which on an alert's condition holds.
fn threshold(stage: &Stage<'_>, name: AlertName) -> Option<u64> {
    match stage.condition(name)? {
        Condition::NoSuccess { longer_than: Quantity::Duration(seconds) } => Some(seconds),
        _ => None,
    }
}

/// The first step at which an alert's condition holds for a job without success since a moment, given the interval in
/// force: within two intervals no job is late.
fn holds_from(stage: &Stage<'_>, name: AlertName, since: u64, interval: u64) -> Option<u64> {
    let late = stage.step_after(since + threshold(stage, name)?);
    Some(late.max(stage.step_from(since + 2 * interval)))
}

/// That both alerts fire on time when there has been no success since a moment.
fn both(stage: &Stage<'_>, since: u64) -> Vec<Check> {
    [NotRunning, Critical]
        .into_iter()
        .filter_map(|name| {
            holds_from(stage, name, since, stage.interval()).map(|from| stage.onset(name, from))
        })
        .flatten()
        .collect()
}

/// A little more than the time that both alerts need.
fn long(stage: &Stage<'_>) -> u64 {
    let checks = both(stage, stage.first_run() + stage.interval());
    checks.iter().map(|check| check.at).max().unwrap_or(0) + stage.step
}

fn never(stage: &Stage<'_>) -> Situation {
    let checks = both(stage, stage.start());
    let runs =
        stage.runs(stage.first_run() + 2 * stage.interval(), |_| (stage.usual_duration(), RunStatus::Failed));
    Situation::new(
        "never-succeeded",
        "The job has never succeeded, and has no time of a last success. What counts is when it was first scheduled.",
    )
    .process(Process::new(stage.job, stage.start(), runs).series(stage.step, long(stage)))
    .check(checks)
}

fn stopped(stage: &Stage<'_>) -> Situation {
    let start = stage.first_run();
    let end = start + stage.usual_duration();
    let run = Run { start, end, status: RunStatus::Success };
    Situation::new("stopped", "The job succeeds once and is never run again.")
        .process(Process::new(stage.job, stage.start(), vec![run]).series(stage.step, long(stage)))
        .check(both(stage, end))
}

fn never_contract_only(stage: &Stage<'_>) -> Situation {
    let process = Process::new(stage.job, stage.start(), Vec::new()).contract_only();
    let checks = holds_from(stage, NotRunning, stage.start(), 0).map(|from| stage.onset(NotRunning, from));
    Situation::new(
        "never-succeeded-contract-only",
        "The same, in a process that exposes the contract's metrics alone. What counts is when the job was first seen.",
    )
    .process(process.series(stage.step, long(stage)))
    .check(checks.into_iter().flatten())
}

fn disabled(stage: &Stage<'_>) -> Situation {
    let until = long(stage);
    Situation::new("disabled", "The environment has disabled the job, which nobody has to be told about.")
        .process(Process::new(stage.job, stage.start(), Vec::new()).interval(0).series(stage.step, until))
        .check([Check::silent(until, &AlertName::ALL)])
}

/// A job that the environment made run more rarely than the catalogue says.
fn lengthened(stage: &Stage<'_>) -> Option<Situation> {
    let interval = stage.step_from(threshold(stage, NotRunning)?);
    let start = stage.first_run();
    let end = start + stage.usual_duration();
    let run = Run { start, end, status: RunStatus::Success };
    let from = holds_from(stage, NotRunning, end, interval)?;
    let [before, after] = stage.onset(NotRunning, from);
    let process = Process::new(stage.job, stage.start(), vec![run]).interval(interval);
    let says = "The environment has made the interval as long as the threshold. Within two such intervals the job is not late.";
    Some(
        Situation::new("interval-lengthened", says)
            .process(process.series(stage.step, after.at))
            .check([before, after]),
    )
}

/// A single failure delays the next success by an interval, which is not late where the figures leave room for it.
fn one_failure(stage: &Stage<'_>) -> Option<Situation> {
    let threshold = threshold(stage, NotRunning)?;
    if 2 * stage.interval() + stage.usual_duration() > threshold {
        return None;
    }
    let until = stage.first_run() + 4 * stage.interval();
    let runs = stage.runs(until, |number| {
        let status = if number == 1 { RunStatus::Failed } else { RunStatus::Success };
        (stage.usual_duration(), status)
    });
    let just_before_success = stage.first_run() + 2 * stage.interval();
    let mut watched = vec![NotRunning, Critical];
    if let Some(Condition::ConsecutiveFailures { at_least: Quantity::Count(2..) }) =
        stage.condition(Consecutive)
    {
        watched.push(Consecutive);
    }
    let checks = [just_before_success, until].map(|at| Check::silent(stage.step_from(at), &watched));
    Some(
        Situation::new("one-run-fails", "One execution fails, and the next one succeeds.")
            .process(Process::new(stage.job, stage.start(), runs).series(stage.step, stage.step_from(until)))
            .check(checks),
    )
}

/// A replica that ran the job once, long ago, beside one that runs it well now.
fn old_replica(stage: &Stage<'_>) -> Situation {
    let enough =
        [NotRunning, Critical].into_iter().filter_map(|name| threshold(stage, name)).min().unwrap_or(0);
    let until = stage.step_from(stage.first_run() + enough.max(3 * stage.interval()) + stage.interval());
    let failures = match stage.condition(Consecutive) {
        Some(Condition::ConsecutiveFailures { at_least: Quantity::Count(number) }) => number,
        _ => 1,
    };
    let old = vec![
        stage.series(JOB_EXECUTION_TOTAL.name, &[(STATUS, RunStatus::Success.as_str())], until, |_| {
            super::series::Sample::Value(1)
        }),
        stage.series(JOB_EXECUTION_TOTAL.name, &[(STATUS, RunStatus::Failed.as_str())], until, |_| {
            super::series::Sample::Value(failures)
        }),
        stage.constant(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, 1, until),
        stage.constant(JOB_CONSECUTIVE_FAILURES.name, failures, until),
        stage.constant(JOB_SCHEDULE_INTERVAL_SECONDS.name, stage.interval(), until),
    ];
    let new = stage.process(until, stage.usual_duration(), RunStatus::Success);
    Situation::new(
        "old-replica",
        "One replica knows only of an old success and of failures after it, while another runs the job well.",
    )
    .process(old)
    .process(new.series(stage.step, until))
    .check([Check::silent(until, &AlertName::ALL)])
}
