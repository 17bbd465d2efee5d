//! Which jobs there are, and how often they are due.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::{JOB_SCHEDULE_INTERVAL_SECONDS, Metric};

use super::recorded::{About, RecordedSeries};
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;

/// That the catalogue has the job.
pub const CATALOGUED: RecordedSeries = RecordedSeries {
    name: "job_name:job_catalogued:info",
    unit: Unit::Number,
    labels: &[JOB_NAME],
    window: None,
    comment: "One series for each job of the catalogue, whether it runs or not.",
    about: About::Other,
    expression: catalogued,
};

/// The longest interval in force on any replica; 0 while the job is disabled.
pub const SCHEDULE_INTERVAL: RecordedSeries = RecordedSeries {
    name: "job_name:job_schedule_interval_seconds:max",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "The interval in force, after overrides; 0 while the job is disabled.",
    about: About::Other,
    expression: schedule_interval,
};

fn catalogued(scope: &Scope<'_>) -> Option<Expr> {
    // Linters take everything behind a bare `vector(1)` and an `or` for dead code.
    let one = || Expr::Vector(Quantity::Count(1)).binary(Operator::Greater, Quantity::Count(0));
    Expr::any(scope.jobs().iter().map(|job| one().labelled(JOB_NAME, job.spec.name().as_str())))
}

fn schedule_interval(scope: &Scope<'_>) -> Option<Expr> {
    let interval = of_catalogue(scope, &JOB_SCHEDULE_INTERVAL_SECONDS);
    Some(interval.aggregate(Aggregation::Max, scope.group_by()))
}

/// Returns a metric of the catalogue's jobs. They are not named once more: names are most of what
/// the rules of a thousand jobs consist of.
pub(super) fn of_catalogue(scope: &Scope<'_>, metric: &'static Metric) -> Expr {
    let jobs = scope.recorded(CATALOGUED.name);
    Expr::from(scope.service(metric.name)).matched(Operator::And, Matching::on(&[JOB_NAME]), jobs)
}
