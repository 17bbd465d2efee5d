//! How many executions end, and how many of them fail.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE, RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;

use super::recorded::{About, RecordedSeries};
use super::success::MEMORY;
use super::windows::{over, over_each};
use crate::lookback::{Lookback, WindowClass};
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector};
use crate::quantity::{Quantity, Unit};
use crate::scope::{LOOKBACK, Scope, WINDOW, WatchedJob};

const NONE: Quantity = Quantity::Count(0);

/// Failed executions a second.
pub const FAILED_EXECUTION_RATE: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_failed:rate",
    unit: Unit::PerSecond,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Short),
    comment: "Failed executions a second.",
    about: About::Other,
    expression: failed_execution_rate,
};

/// Executions that ended, over a short and a long window, and of a job that is due rarely over a
/// recent one.
pub const EXECUTIONS: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution:increase",
    unit: Unit::Count,
    labels: &[JOB_NAME, LOOKBACK, NAMESPACE, WINDOW],
    window: None,
    comment: "Executions, in whole numbers, in a short window of five intervals, in a long one that \
              holds three executions even when each takes all the time it may, and of a job that is \
              due twice in ten minutes or more rarely in a recent one of two intervals.",
    about: About::Other,
    expression: executions,
};

/// Executions that failed, over the same windows.
pub const FAILED_EXECUTIONS: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_failed:increase",
    unit: Unit::Count,
    labels: &[JOB_NAME, LOOKBACK, NAMESPACE, WINDOW],
    window: None,
    comment: "Failed executions in the same windows. A process that exposes no series of failures \
              before the first has failed in nothing. What the recent window held last holds until \
              another execution ends.",
    about: About::Other,
    expression: failed_executions,
};

/// The failure ratio of the executions: over the short window while it holds three, else over the
/// long one.
pub const FAILED_EXECUTION_RATIO: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_failed:ratio",
    unit: Unit::Ratio,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "The failure ratio of the executions: in the short window if it holds at least three, \
              else in the long one. While a job rests, it stays as it was.",
    about: About::Other,
    expression: failed_execution_ratio,
};

fn failed(scope: &Scope<'_>, class: &WindowClass) -> Selector {
    scope.metric(JOB_EXECUTION_TOTAL.name, &class.jobs).equal(STATUS, RunStatus::Failed.as_str())
}

fn failed_execution_rate(scope: &Scope<'_>) -> Option<Expr> {
    let classes = scope.by_window(Lookback::Short, |_| true);
    over_each(&classes, |class| {
        Expr::rate(failed(scope, class), over(class)).aggregate(Aggregation::Sum, scope.group_by())
    })
}

fn executions(scope: &Scope<'_>) -> Option<Expr> {
    over_all(scope, |class| {
        let executions = scope.metric(JOB_EXECUTION_TOTAL.name, &class.jobs);
        Expr::increase(executions, over(class)).aggregate(Aggregation::Sum, scope.group_by())
    })
}

fn failed_executions(scope: &Scope<'_>) -> Option<Expr> {
    let failed = over_all(scope, |class| {
        Expr::increase(failed(scope, class), over(class)).aggregate(Aggregation::Sum, scope.group_by())
    })?;
    let by_window = || Matching::on(&scope.group_by_and(&[LOOKBACK]));
    let executions = Expr::from(scope.recorded(EXECUTIONS.name));
    if scope.by_window(Lookback::Recent, |_| true).is_empty() {
        return Some(failed.or_on(by_window(), Expr::from(NONE).binary(Operator::Multiply, executions)));
    }
    // What was known of the last executions holds until another ends.
    let without = || counted(scope, &EXECUTIONS, Lookback::Recent).binary(Operator::Equal, NONE);
    let series = counted_selector(scope, &FAILED_EXECUTIONS, Lookback::Recent);
    let before = Expr::last_over(series, MEMORY)
        .aggregate(Aggregation::Max, &scope.group_by_and(&[LOOKBACK, WINDOW]))
        .matched(Operator::And, by_window(), without());
    let none = Expr::from(NONE)
        .binary(Operator::Multiply, executions.matched(Operator::Unless, by_window(), without()));
    let failed = failed.matched(Operator::Unless, by_window(), without());
    Some(failed.or_on(by_window(), before).or_on(by_window(), none))
}

fn failed_execution_ratio(scope: &Scope<'_>) -> Option<Expr> {
    let ratio = |lookback: Lookback, least: u64| {
        let enough =
            counted(scope, &EXECUTIONS, lookback).binary(Operator::GreaterOrEqual, Quantity::Count(least));
        counted(scope, &FAILED_EXECUTIONS, lookback).binary(Operator::Divide, enough)
    };
    let mut known = ratio(Lookback::Short, 3);
    if let Some(before) = ratio_before_a_rest(scope) {
        known = known.or_on(Matching::on(scope.group_by()), before);
    }
    let long = ratio(Lookback::Long, 1);
    Some(known.or_on(Matching::on(scope.group_by()), long).aggregate(Aggregation::Sum, scope.group_by()))
}

/// Returns the ratio as it was, of jobs that rest at night or at weekends: what their long window
/// holds is mostly older than what was known before. Where slow executions leave fewer than three
/// in the short window, the ratio would stay as it was while the job runs, too: the long window
/// tells theirs. `None` if there are no other jobs that rest.
fn ratio_before_a_rest(scope: &Scope<'_>) -> Option<Expr> {
    let resting = scope.names(|job| job.rests() && job.short_holds_slow_executions());
    if resting.is_empty() {
        return None;
    }
    let before =
        Expr::last_over(scope.recorded(FAILED_EXECUTION_RATIO.name).one_of(JOB_NAME, &resting), MEMORY);
    let still_runs = counted(scope, &EXECUTIONS, Lookback::Long).binary(Operator::Greater, NONE);
    Some(before.aggregate(Aggregation::Max, scope.group_by()).matched(
        Operator::And,
        Matching::on(scope.group_by()),
        still_runs,
    ))
}

/// Returns what [`EXECUTIONS`] or [`FAILED_EXECUTIONS`] count over one of a job's windows.
pub fn counted(scope: &Scope<'_>, series: &RecordedSeries, lookback: Lookback) -> Expr {
    counted_selector(scope, series, lookback).into()
}

fn counted_selector(scope: &Scope<'_>, series: &RecordedSeries, lookback: Lookback) -> Selector {
    scope.recorded(series.name).equal(LOOKBACK, lookback.as_str())
}

/// Returns what is counted over the short windows, where a job has a window of its own for that,
/// over the long ones, and over the recent ones, where a job is due rarely. In whole numbers: an
/// increase is extrapolated, so that an execution of a process that is gone would be a little more.
fn over_all(scope: &Scope<'_>, of: impl Fn(&WindowClass) -> Expr) -> Option<Expr> {
    let has_one = |job: &WatchedJob<'_>| job.window(Lookback::Short) == job.window(Lookback::Long);
    let lookbacks = [Lookback::Short, Lookback::Long, Lookback::Recent];
    Expr::any(lookbacks.into_iter().filter_map(|lookback| {
        let classes = scope.by_window(lookback, |job| lookback != Lookback::Short || !has_one(job));
        Some(over_each(&classes, &of)?.labelled(LOOKBACK, lookback.as_str()))
    }))
    .map(Expr::round)
}
