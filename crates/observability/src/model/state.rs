//! The state of each job, which is recorded once for all panels that show it.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use super::alert::Alert;
use super::recording::RecordingRule;
use crate::alerts::critical_failure_rate::CRITICAL_FAILURE_RATE;
use crate::alerts::not_running::NOT_RUNNING;
use crate::alerts::overdue::OVERDUE;
use crate::definition::AlertName;
use crate::job_state::JobState;
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;
use crate::series::{CATALOGUED, FAILED_EXECUTION_RATIO, FIRST_SCHEDULED, LAST_SUCCESS, SCHEDULE_INTERVAL};

/// The series that has the state of each copy of a job, as [`JobState`] numbers them. Only a job
/// that exposes nothing has none of the labels that tell copies apart.
pub const JOB_STATE: &str = "job_name:job_state:info";

const NONE: Quantity = Quantity::Count(0);

/// Returns the rule that records the state of each job. `None` without jobs.
pub(super) fn rule(scope: &Scope<'_>, alerts: &[Alert]) -> Option<RecordingRule> {
    if scope.jobs().is_empty() {
        return None;
    }
    let recorded = |series: &'static str| Expr::from(scope.recorded(series));
    let tested = |name: AlertName| {
        let alert = alerts.iter().find(|alert| alert.name() == name)?;
        alert.expression.clone()
    };
    // The first that holds is the state.
    let known = [
        (JobState::Disabled, Some(recorded(SCHEDULE_INTERVAL.name).binary(Operator::Equal, NONE))),
        (JobState::Broken, tested(CRITICAL_FAILURE_RATE.name)),
        (JobState::Overdue, tested(NOT_RUNNING.name)),
        (JobState::Overdue, tested(OVERDUE.name)),
        (JobState::Failing, Some(recorded(FAILED_EXECUTION_RATIO.name).binary(Operator::Greater, NONE))),
        (JobState::Succeeding, Some(recorded(LAST_SUCCESS.name))),
        (JobState::Unknown, Some(recorded(FIRST_SCHEDULED.name))),
    ];
    let of_copies = |(state, of): (JobState, Option<Expr>)| Some(numbered(state, of?, scope.group_by()));
    let known = Expr::any(known.into_iter().filter_map(of_copies))?;
    let silent = numbered(JobState::Silent, recorded(CATALOGUED.name), &[JOB_NAME]);
    let mut labels = vec![JOB_NAME, NAMESPACE];
    labels.extend(scope.grouping_labels());
    Some(RecordingRule {
        series: JOB_STATE,
        unit: Unit::Number,
        labels: labels.into_iter().map(str::to_owned).collect(),
        comment: format!("How each job is doing: {}.", said()),
        expression: known.or_on(Matching::on(&[JOB_NAME]), silent),
    })
}

fn numbered(state: JobState, of: Expr, by: &[&str]) -> Expr {
    Expr::from(Quantity::Count(state.number()))
        .binary(Operator::Multiply, of.aggregate(Aggregation::Group, by))
}

/// Returns what the numbers mean, for whoever reads the rules.
fn said() -> String {
    let states: Vec<String> =
        JobState::ALL.iter().map(|state| format!("{} = {}", state.number(), state.text())).collect();
    states.join(", ")
}
