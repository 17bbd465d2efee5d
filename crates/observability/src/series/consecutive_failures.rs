//! How many executions failed in a row.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::{JOB_CONSECUTIVE_FAILURES, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS};

use super::recorded::{About, RecordedSeries};
use super::success::LAST_SUCCESS;
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::Unit;
use crate::scope::Scope;

/// Failed executions in a row, as the replica that ran the job last counts them.
pub const CONSECUTIVE_FAILURES: RecordedSeries = RecordedSeries {
    name: "job_name:job_consecutive_failures:max",
    unit: Unit::Count,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "Failures in a row. A replica that knows only of an older success than another is out of \
              date.",
    about: About::Other,
    expression: consecutive_failures,
};

fn consecutive_failures(scope: &Scope<'_>) -> Option<Expr> {
    // A replica that knows of an older success than another has not run the job since.
    let out_of_date = Expr::from(scope.metric_of_all(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS)).matched(
        Operator::Less,
        Matching::on_many_to_one(scope.group_by()),
        scope.recorded_by_copy(LAST_SUCCESS.name, Aggregation::Max),
    );
    let failures = Expr::from(scope.metric_of_all(&JOB_CONSECUTIVE_FAILURES));
    Some(failures.binary(Operator::Unless, out_of_date).aggregate(Aggregation::Max, scope.group_by()))
}
