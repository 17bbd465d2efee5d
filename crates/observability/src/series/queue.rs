//! How long queues are.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;

use super::recorded::{About, RecordedSeries};
use crate::promql::{Aggregation, Expr};
use crate::quantity::Unit;
use crate::scope::Scope;

/// The queue's length.
pub const QUEUE_SIZE: RecordedSeries = RecordedSeries {
    name: "job_name:job_queue_size:max",
    unit: Unit::Count,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "The queue's length: one queue, seen by every replica.",
    about: About::Other,
    expression: queue_size,
};

fn queue_size(scope: &Scope<'_>) -> Option<Expr> {
    let jobs = scope.names(|job| job.spec.queue().is_some());
    if jobs.is_empty() {
        return None;
    }
    Some(Expr::from(scope.metric(JOB_QUEUE_SIZE.name, &jobs)).aggregate(Aggregation::Max, scope.group_by()))
}
