//! How long executions take.

use jobwatch_catalogue::label::{JOB_NAME, LE, NAMESPACE};
use jobwatch_catalogue::metric::JOB_EXECUTION_DURATION_SECONDS_BUCKET;

use super::recorded::{About, RecordedSeries};
use super::windows::{over, over_each};
use crate::lookback::Lookback;
use crate::promql::{Aggregation, Expr};
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

/// How long the last execution of a job took that is due rarely, up to the bound of its bucket.
pub const DURATION_LAST: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_duration_seconds:max",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Last),
    comment: "The longest duration in one interval, of a job that is due each hour or more rarely: how \
              long the last execution took.",
    about: About::Other,
    expression: duration_last,
};

fn duration_p95(scope: &Scope<'_>) -> Option<Expr> {
    quantile(scope, Lookback::Long, Quantity::Ratio(950_000))
}

fn duration_last(scope: &Scope<'_>) -> Option<Expr> {
    quantile(scope, Lookback::Last, Quantity::Ratio(WHOLE))
}

fn quantile(scope: &Scope<'_>, lookback: Lookback, quantile: Quantity) -> Option<Expr> {
    let classes = scope.by_window(lookback, |_| true);
    over_each(&classes, |class| {
        Expr::rate(scope.metric(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &class.jobs), over(class))
            .aggregate(Aggregation::Sum, &scope.group_by_and(&[LE]))
            .quantile(quantile)
    })
}
