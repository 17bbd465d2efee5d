//! Executions that fail, and items that do.

use jobwatch_catalogue::label::{ItemStatus, RunStatus, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL};
use jobwatch_catalogue::{AlertName, Quantity};

use super::process::Process;
use super::series::Sample;
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;
use crate::signals::{Span, window_of};

use AlertName::{
    BackgroundJobConsecutiveFailures as Consecutive, BackgroundJobCriticalFailureRate as FailureRatio,
    BackgroundJobFailing as Failing, BackgroundJobHighItemFailureRate as Items,
};

/// A part of a thousand is the finest that the simulated ratios show.
const WHOLE: u64 = 1000;

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let mut all = Vec::new();
    rate(stage, &mut all);
    ratio(stage, &mut all);
    pace(stage, &mut all);
    all.extend(turn(stage));
    items(stage, &mut all);
    all
}

/// Failed executions a second, a little more and a little less than the threshold.
fn rate(stage: &Stage<'_>, all: &mut Vec<Situation>) {
    let Some(Condition::FailureRate { above: above @ Quantity::PerSecond(millionths) }) =
        stage.condition(Failing)
    else {
        return;
    };
    let whole_window = window_of(stage.job, Span::Short);
    let until = stage.fires_at(Failing, stage.step_from(whole_window)) + stage.step;
    let a_step = u128::from(millionths) * u128::from(stage.step);
    let more = u64::try_from(a_step / 1_000_000).unwrap_or(u64::MAX / 2) + 1;
    let less = u64::try_from(a_step.div_ceil(1_000_000)).unwrap_or(1).saturating_sub(1);
    let failures = |by| vec![stage.growing(JOB_EXECUTION_TOTAL.name, &[failed()], by, until)];
    all.push(
        Situation::new("rate-above", format!("Executions fail at slightly more than {above}."))
            .process(failures(more))
            .check([Check::fires(until, Failing)]),
    );
    all.push(
        Situation::new("rate-below", format!("Executions fail at slightly less than {above}."))
            .process(failures(less))
            .check([Check::silent(until, &[Failing])]),
    );
    if stage.interval() >= 2 * stage.step {
        let burst = 3 * u128::from(millionths) * u128::from(stage.interval()) / 2_000_000;
        let burst = u64::try_from(burst).unwrap_or(u64::MAX / 1000) + 1;
        let failures = stage.series(JOB_EXECUTION_TOTAL.name, &[failed()], until, |now| {
            Sample::Value(burst * (now / stage.interval()))
        });
        let says = format!("Executions fail at half more than {above}, all those of an interval at once.");
        let checks = [until - stage.step, until].map(|at| Check::fires(at, Failing));
        all.push(Situation::new("rate-in-bursts", says).process(vec![failures]).check(checks));
    }
}

/// The part of the executions that fail, a little more and a little less than the threshold.
fn ratio(stage: &Stage<'_>, all: &mut Vec<Situation>) {
    let Some(Condition::FailureRatio { above: above @ Quantity::Ratio(millionths) }) =
        stage.condition(FailureRatio)
    else {
        return;
    };
    let onset = stage.onset(FailureRatio, stage.step);
    let until = onset[1].at + stage.step;
    let executions = |status, by| stage.growing(JOB_EXECUTION_TOTAL.name, &[status], by, until);
    if let Some(failing) = part_above(millionths) {
        let text = format!("{failing} of {WHOLE} executions fail, where {above} may.");
        all.push(
            Situation::new("ratio-above", text)
                .process(vec![executions(failed(), failing), executions(succeeded(), WHOLE - failing)])
                .check(onset.clone()),
        );
        let text = "The same, seen by two replicas: one fails always, the other never. What counts is the sum of both.";
        all.push(
            Situation::new("ratio-above-by-two-replicas", text)
                .process(vec![executions(failed(), failing), executions(succeeded(), 0)])
                .process(vec![executions(failed(), 0), executions(succeeded(), WHOLE - failing)])
                .check(onset),
        );
    }
    if let Some(failing) = part_below(millionths) {
        let text = format!("{failing} of {WHOLE} executions fail, where {above} may.");
        all.push(
            Situation::new("ratio-below", text)
                .process(vec![executions(failed(), failing), executions(succeeded(), WHOLE - failing)])
                .check([Check::silent(until, &[FailureRatio])]),
        );
        let text = "The same, seen by two replicas: one fails always, the other never.";
        all.push(
            Situation::new("ratio-below-by-two-replicas", text)
                .process(vec![executions(failed(), failing), executions(succeeded(), 0)])
                .process(vec![executions(failed(), 0), executions(succeeded(), WHOLE - failing)])
                .check([Check::silent(until, &[FailureRatio])]),
        );
    }
}

/// Executions that fail at the job's own pace, however slow that is.
fn pace(stage: &Stage<'_>, all: &mut Vec<Situation>) {
    for (namespace, says, duration, contract_only) in [
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
    ] {
        let cycle = duration.div_ceil(stage.interval()).max(1) * stage.interval();
        let six_runs = stage.first_run() + (6 * cycle).max(3 * stage.step);
        let until = stage.fires_at(FailureRatio, stage.step_from(six_runs));
        let process = stage.process(until, duration, RunStatus::Failed);
        let process = if contract_only { process.contract_only() } else { process };
        let mut checks = Vec::new();
        if let Some(Condition::FailureRatio { above }) = stage.condition(FailureRatio)
            && above < Quantity::Ratio(1_000_000)
        {
            checks.push(Check::fires(until, FailureRatio));
        }
        if let Some(Condition::FailureRate { above }) = stage.condition(Failing)
            && above.as_f64() > 1.2 / cycle as f64
        {
            checks.push(Check::silent(until, &[Failing]));
        }
        if let Some(Condition::ConsecutiveFailures { at_least: Quantity::Count(..=6) }) =
            stage.condition(Consecutive)
            && !contract_only
            && stage.alert(Consecutive).is_some_and(|alert| alert.hold == 0)
        {
            checks.push(Check::fires(until, Consecutive));
        }
        all.push(Situation::new(namespace, says).process(process.series(stage.step, until)).check(checks));
    }
}

/// A job that was well for long and now always fails, which is noticed over the short window, where
/// the job has one.
fn turn(stage: &Stage<'_>) -> Option<Situation> {
    let Condition::FailureRatio { above: Quantity::Ratio(millionths @ 0..1_000_000) } =
        stage.condition(FailureRatio)?
    else {
        return None;
    };
    let [short, long] = [Span::Short, Span::Long].map(|span| window_of(stage.job, span));
    if short == long {
        return None;
    }
    let well = long.div_ceil(stage.interval());
    let enough = short.div_ceil(stage.interval()) * millionths / 1_000_000 + 1;
    let last = stage.first_run() + (well + enough - 1) * stage.interval() + stage.usual_duration();
    let until = stage.fires_at(FailureRatio, stage.step_from(last));
    let status = |number| if number < well as usize { RunStatus::Success } else { RunStatus::Failed };
    let runs = stage.runs(until, |number| (stage.usual_duration(), status(number)));
    let process = Process::new(stage.job, stage.start(), runs);
    let before = stage.first_run() + well * stage.interval();
    let says =
        format!("Executions succeed for long, and then each fails. It takes {enough} of them to be sure.");
    Some(
        Situation::new("turns-bad", says).process(process.series(stage.step, until)).check([
            Check::silent(stage.step_from(before), &[FailureRatio]),
            Check::fires(until, FailureRatio),
        ]),
    )
}

/// The part of the items that fail. Five times as many are skipped, which were not attempted.
fn items(stage: &Stage<'_>, all: &mut Vec<Situation>) {
    let Some(Condition::ItemFailureRatio { above: above @ Quantity::Ratio(millionths) }) =
        stage.condition(Items)
    else {
        return;
    };
    let onset = stage.onset(Items, stage.step);
    let until = onset[1].at + stage.step;
    let series = |failing: u64| {
        let part = |status: ItemStatus, by| {
            stage.growing(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], by, until)
        };
        vec![
            part(ItemStatus::Failed, failing),
            part(ItemStatus::Success, WHOLE - failing),
            part(ItemStatus::Skipped, 5 * WHOLE),
        ]
    };
    let says = |failing: u64| {
        format!(
            "{failing} of {WHOLE} attempted items fail, where {above} may; five times as many are skipped."
        )
    };
    if let Some(failing) = part_above(millionths) {
        all.push(Situation::new("items-above", says(failing)).process(series(failing)).check(onset));
    }
    if let Some(failing) = part_below(millionths) {
        all.push(
            Situation::new("items-below", says(failing))
                .process(series(failing))
                .check([Check::silent(until, &[Items])]),
        );
    }
}

/// How many of a thousand are just more than a part in millionths, if so many there can be.
fn part_above(millionths: u64) -> Option<u64> {
    let part = millionths / (1_000_000 / WHOLE) + 1;
    (part <= WHOLE).then_some(part)
}

/// How many of a thousand are just less than a part in millionths, if so few there can be.
fn part_below(millionths: u64) -> Option<u64> {
    millionths.div_ceil(1_000_000 / WHOLE).checked_sub(1).map(|part| part.min(WHOLE))
}

fn failed() -> (&'static str, &'static str) {
    (STATUS, RunStatus::Failed.as_str())
}

fn succeeded() -> (&'static str, &'static str) {
    (STATUS, RunStatus::Success.as_str())
}
