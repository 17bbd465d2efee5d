//! How long executions in progress have taken.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS;

use super::recorded::{About, RecordedSeries};
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;

/// How long the execution in progress has taken.
pub const IN_PROGRESS: RecordedSeries = RecordedSeries {
    name: "job_name:job_in_progress_seconds:max",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "How long the oldest execution in progress has taken.",
    about: About::Other,
    expression: in_progress,
};

fn in_progress(scope: &Scope<'_>) -> Option<Expr> {
    let since = Expr::from(scope.metric_of_all(&JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS))
        .binary(Operator::Greater, Quantity::Count(0))
        .aggregate(Aggregation::Min, scope.group_by());
    Some(Expr::Time.binary(Operator::Subtract, since))
}
