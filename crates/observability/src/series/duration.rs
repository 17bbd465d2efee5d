//! How long executions take.

use jobwatch_catalogue::label::{JOB_NAME, LE, NAMESPACE};
use jobwatch_catalogue::metric::JOB_EXECUTION_DURATION_SECONDS_BUCKET;

use super::recorded::RecordedSeries;
use super::windows::{over, over_each};
use crate::lookback::Lookback;
use crate::promql::{Aggregation, Expr};
use crate::quantity::{Quantity, Unit};
use crate::scope::{Scope, WINDOW};

/// The 95th percentile of the executions' duration.
pub const DURATION_P95: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution_duration_seconds:p95",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Long),
    comment: "The 95th percentile of the duration.",
    expression: duration_p95,
};

fn duration_p95(scope: &Scope<'_>) -> Option<Expr> {
    let classes = scope.by_window(Lookback::Long, |_| true);
    over_each(&classes, |class| {
        Expr::rate(scope.metric(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &class.jobs), over(class))
            .aggregate(Aggregation::Sum, &[NAMESPACE, JOB_NAME, LE])
            .quantile(Quantity::Ratio(950_000))
    })
}
