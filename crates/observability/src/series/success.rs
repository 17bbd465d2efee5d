//! When each job last succeeded.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
};

use super::due::SUCCESS_DUE;
use super::recorded::{About, RecordedSeries};
use super::schedule::{SCHEDULE_INTERVAL, of_catalogue};
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;

/// How long a timestamp is remembered that a restarted process no longer exposes, in seconds.
pub const MEMORY: u64 = 3_600;

/// When the job last succeeded on any replica.
pub const LAST_SUCCESS: RecordedSeries = RecordedSeries {
    name: "job_name:job_last_success_timestamp_seconds:max",
    unit: Unit::Timestamp,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "The newest success that any replica knows of, remembered for an hour if a restarted \
              process forgot it.",
    about: About::Other,
    expression: last_success,
};

/// When the job was first scheduled, or first seen by Prometheus.
pub const FIRST_SCHEDULED: RecordedSeries = RecordedSeries {
    name: "job_name:job_first_scheduled_timestamp_seconds:min",
    unit: Unit::Timestamp,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "When the job was first scheduled; for processes that do not tell, when it was first seen.",
    about: About::Other,
    expression: first_scheduled,
};

/// When a copy of the job was last exposed.
pub const LAST_SEEN: RecordedSeries = RecordedSeries {
    name: "job_name:job_last_seen_timestamp_seconds:max",
    unit: Unit::Timestamp,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "When a copy of the job was last exposed, remembered for as long as samples are kept.",
    about: About::Other,
    expression: last_seen,
};

/// How long ago the job last succeeded, counted from when it was first scheduled if it never has.
pub const TIME_SINCE_LAST_SUCCESS: RecordedSeries = RecordedSeries {
    name: "job_name:job_time_since_last_success_seconds:min",
    unit: Unit::Seconds,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "Time since the last success, or since the job was first scheduled if it never succeeded; if \
              it is back from a pause, since an interval before it is due. Disabled jobs have none.",
    about: About::Staleness,
    expression: time_since_last_success,
};

fn last_success(scope: &Scope<'_>) -> Option<Expr> {
    let newest = known(scope.metric_of_all(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS))
        .aggregate(Aggregation::Max, scope.group_by());
    Some(newest.or(remembered(scope, LAST_SUCCESS.name, Aggregation::Max)))
}

fn first_scheduled(scope: &Scope<'_>) -> Option<Expr> {
    let first_seen = Expr::Time.binary(Operator::Multiply, exposed(scope));
    let first = known(of_catalogue(scope, &JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS))
        .aggregate(Aggregation::Min, scope.group_by());
    Some(first.or(remembered(scope, FIRST_SCHEDULED.name, Aggregation::Min)).or(first_seen))
}

/// Only copies that are told apart by a label can hide each other: in a catalogue that names none,
/// nothing need be remembered.
fn last_seen(scope: &Scope<'_>) -> Option<Expr> {
    if scope.grouping_labels().is_empty() {
        return None;
    }
    let kept = Quantity::Duration(scope.catalogue().retention().as_secs());
    let now = Expr::Time.binary(Operator::Multiply, exposed(scope));
    let before = Expr::last_over(scope.recorded(LAST_SEEN.name), MEMORY)
        .aggregate(Aggregation::Max, scope.group_by())
        .binary(Operator::Greater, Expr::Time.binary(Operator::Subtract, kept));
    Some(now.or(before))
}

fn time_since_last_success(scope: &Scope<'_>) -> Option<Expr> {
    let since = || Expr::from(scope.recorded(LAST_SUCCESS.name)).or(scope.recorded(FIRST_SCHEDULED.name));
    // A job that is due further ahead than an interval after its last success was away meanwhile.
    let back = Expr::from(scope.recorded(SUCCESS_DUE.name))
        .binary(Operator::Subtract, scope.recorded(SCHEDULE_INTERVAL.name))
        .binary(Operator::Greater, since());
    let since = back.or(since());
    let disabled =
        Expr::from(scope.recorded(SCHEDULE_INTERVAL.name)).binary(Operator::Equal, Quantity::Count(0));
    Some(Expr::Time.binary(Operator::Subtract, since).binary(Operator::Unless, disabled))
}

/// Returns the jobs that are exposed at all.
fn exposed(scope: &Scope<'_>) -> Expr {
    Expr::from(scope.metric_of_all(&JOB_EXECUTION_TOTAL)).aggregate(Aggregation::Group, scope.group_by())
}

/// Returns what a recorded series was before, for jobs that are exposed at all.
fn remembered(scope: &Scope<'_>, series: &'static str, operation: Aggregation) -> Expr {
    Expr::last_over(scope.recorded(series), MEMORY)
        .aggregate(operation, scope.group_by())
        .binary(Operator::And, exposed(scope))
}

/// Timestamps that are known: zero means "never".
fn known(of: impl Into<Expr>) -> Expr {
    of.into().binary(Operator::Greater, Quantity::Count(0))
}
