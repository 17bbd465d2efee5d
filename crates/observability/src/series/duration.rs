//! How long executions take.

use jobwatch_catalogue::label::{JOB_NAME, LE, NAMESPACE};
use jobwatch_catalogue::metric::JOB_EXECUTION_DURATION_SECONDS_BUCKET;

use super::recorded::{About, RecordedSeries};
use super::success::MEMORY;
use super::windows::{over, over_each};
use crate::lookback::Lookback;
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit, WHOLE};
use crate::scope::{Scope, WINDOW};

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
    comment: "The longest duration in one interval, and in half an hour at least: how long the last \
              execution took, or the last ones. It holds until another ends.",
    about: About::Other,
    expression: duration_last,
};

fn duration_p95(scope: &Scope<'_>) -> Option<Expr> {
    quantile(scope, Lookback::Long, Quantity::Ratio(950_000))
}

/// What was known of the last execution holds until another ends: the window is empty while a job
/// rests, and when one comes late. Of no executions there is a quantile all the same, which is no
/// number.
fn duration_last(scope: &Scope<'_>) -> Option<Expr> {
    let none = Quantity::Duration(0);
    let last = quantile(scope, Lookback::Last, Quantity::Ratio(WHOLE))?;
    let labels = scope.group_by_and(&[WINDOW]);
    let before =
        Expr::last_over(scope.recorded(DURATION_LAST.name), MEMORY).aggregate(Aggregation::Max, &labels);
    Some(last.binary(Operator::GreaterOrEqual, none).or_on(Matching::on(&labels), before))
}

fn quantile(scope: &Scope<'_>, lookback: Lookback, quantile: Quantity) -> Option<Expr> {
    let classes = scope.by_window(lookback, |_| true);
    over_each(&classes, |class| {
        Expr::rate(scope.metric(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &class.jobs), over(class))
            .aggregate(Aggregation::Sum, &scope.group_by_and(&[LE]))
            .quantile(quantile)
    })
}
