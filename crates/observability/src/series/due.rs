//! When each job is due, and for how long a success has been awaited.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::{JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS};

use super::recorded::{About, RecordedSeries};
use super::schedule::of_catalogue;
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;

/// How long an execution may take, as the environment has it.
pub const TIMEOUT: RecordedSeries = RecordedSeries {
    name: "job_name:job_timeout_seconds:max",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "How long an execution may take, after overrides.",
    about: About::Other,
    expression: timeout,
};

/// The due time that a success is awaited for, according to the replica that knows of the newest
/// success.
pub const SUCCESS_DUE: RecordedSeries = RecordedSeries {
    name: "job_name:job_success_due_timestamp_seconds:max",
    unit: Unit::Timestamp,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "The first due time since the last success that any replica knows of. Jobs that are paused \
              or disabled have none.",
    about: About::Other,
    expression: success_due,
};

/// For how long a success has been overdue.
pub const OVERDUE: RecordedSeries = RecordedSeries {
    name: "job_name:job_success_overdue_seconds:min",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "How long ago a success was due, beyond the time that an execution may take.",
    about: About::Overdue,
    expression: overdue,
};

fn timeout(scope: &Scope<'_>) -> Option<Expr> {
    Some(of_catalogue(scope, &JOB_TIMEOUT_SECONDS).aggregate(Aggregation::Max, scope.group_by()))
}

fn success_due(scope: &Scope<'_>) -> Option<Expr> {
    let due = of_catalogue(scope, &JOB_SUCCESS_DUE_TIMESTAMP_SECONDS);
    Some(due.binary(Operator::Greater, Quantity::Count(0)).aggregate(Aggregation::Max, scope.group_by()))
}

fn overdue(scope: &Scope<'_>) -> Option<Expr> {
    let since_due = Expr::Time.binary(Operator::Subtract, scope.recorded(SUCCESS_DUE.name));
    let overdue = since_due.binary(Operator::Subtract, scope.recorded(TIMEOUT.name));
    Some(overdue.binary(Operator::Greater, Quantity::Count(0)))
}
