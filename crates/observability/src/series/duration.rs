//! How long executions take.

use jobwatch_catalogue::label::{JOB_NAME, LE, NAMESPACE};
use jobwatch_catalogue::metric::JOB_EXECUTION_DURATION_SECONDS_BUCKET;

use super::recorded::{About, RecordedSeries};
use super::success::MEMORY;
use super::windows::{over, over_each};
use crate::lookback::{Lookback, WindowClass};
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector, Window};
use crate::quantity::{Quantity, Unit, WHOLE};
use crate::scope::{Scope, WINDOW, WatchedJob};

/// The 95th percentile of the executions' duration.
pub const DURATION_P95: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_duration_seconds:p95",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Long),
    comment: "The 95th percentile of the duration.",
    about: About::RunDuration,
    expression: duration_p95,
};

/// How long the last execution of a job took, or the last ones of half an hour, up to the bound of
/// their bucket.
pub const DURATION_LAST: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_duration_seconds:max",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Last),
    comment: "The longest duration in half an hour: how long the last execution took, or the last \
              ones. It holds until another ends. Where it was forgotten, or never seen, the last \
              interval tells it.",
    about: About::Other,
    expression: duration_last,
};

fn duration_p95(scope: &Scope<'_>) -> Option<Expr> {
    over_each(&scope.by_window(Lookback::Long, |_| true), |class| {
        let rate = Expr::rate(bucket(scope, class), over(class));
        quantile(scope, rate, Quantity::Ratio(950_000))
    })
}

/// What was known of the last execution holds until another ends: the window is empty while a job
/// rests. A longer one would hold a slow execution beside the quick one that somebody asked for,
/// and counts only where nothing else is known. Of no executions there is a quantile all the same,
/// which is no number.
fn duration_last(scope: &Scope<'_>) -> Option<Expr> {
    let none = Quantity::Duration(0);
    let longest = |classes: &[WindowClass]| {
        // In whole numbers: a bucket that was empty before is extrapolated less than the others, so
        // that a part of its executions would seem to be in the next ones.
        let longest = over_each(classes, |class| {
            let executions = Expr::increase(bucket(scope, class), over(class)).round();
            quantile(scope, executions, Quantity::Ratio(WHOLE))
        })?;
        Some(longest.binary(Operator::GreaterOrEqual, none))
    };
    let last = scope.by_window(Lookback::Last, |_| true);
    let windows: Vec<Window> = last.iter().map(over).collect();
    let labels = scope.group_by_and(&[WINDOW]);
    let known = scope.recorded(DURATION_LAST.name).one_of(WINDOW, &windows);
    let before = Expr::last_over(known, MEMORY).aggregate(Aggregation::Max, &labels);
    let last = longest(&last)?.or_on(Matching::on(&labels), before);
    // One that is due so rarely that Prometheus forgets has no interval to look back upon.
    let is_kept = |job: &WatchedJob<'_>| job.window(Lookback::Interval) < job.retention();
    Some(match longest(&scope.by_window(Lookback::Interval, is_kept)) {
        Some(interval) => last.or_on(Matching::on(scope.group_by()), interval),
        None => last,
    })
}

fn bucket(scope: &Scope<'_>, class: &WindowClass) -> Selector {
    scope.metric(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &class.jobs)
}

fn quantile(scope: &Scope<'_>, buckets: Expr, quantile: Quantity) -> Expr {
    buckets.aggregate(Aggregation::Sum, &scope.group_by_and(&[LE])).quantile(quantile)
}
