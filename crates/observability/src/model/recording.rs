//! The recording rules of a catalogue: series about jobs, and thresholds that differ by job.

use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use super::alert::{Alert, ValueClass};
use crate::definition::Operand;
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;
use crate::series::{CATALOGUED, RecordedSeries};

/// How many values are looked up by the names of their jobs. More are listed job by job: Prometheus
/// takes longer for a thousand selectors than for a thousand constants.
const MOST_LOOKUPS: usize = 16;

/// A recording rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRule {
    /// The name of the series.
    pub series: &'static str,
    /// What its values measure.
    pub unit: Unit,
    /// The labels of the series, besides `catalogue`.
    pub labels: Vec<String>,
    /// What it is, for whoever reads the rules.
    pub comment: String,
    /// What is recorded.
    pub expression: Expr,
}

/// Returns the rules that record series about jobs, in an order in which each reads only those
/// before it. None without jobs.
pub(super) fn of_jobs(series: &[&'static RecordedSeries], scope: &Scope<'_>) -> Vec<RecordingRule> {
    if scope.jobs().is_empty() {
        return Vec::new();
    }
    let parts = scope.parts();
    let rule = |series: &&'static RecordedSeries| {
        let labels = series.labels_in(scope);
        let expression = match parts.as_slice() {
            parts if series.labels.contains(&NAMESPACE) && parts.len() > 1 => {
                let of_parts = parts.iter().filter_map(series.expression);
                Expr::any_on(&Matching::on(&labels), of_parts)
            }
            _ => (series.expression)(scope),
        };
        Some(RecordingRule {
            series: series.name,
            unit: series.unit,
            labels: labels.into_iter().map(str::to_owned).collect(),
            comment: series.comment.to_owned(),
            expression: expression?,
        })
    };
    series.iter().filter_map(rule).collect()
}

/// Returns the rules that record the thresholds that differ by job.
pub(super) fn of_thresholds(alerts: &[Alert], scope: &Scope<'_>) -> Vec<RecordingRule> {
    alerts.iter().flat_map(|alert| of_alert(alert, scope)).collect()
}

fn of_alert(alert: &Alert, scope: &Scope<'_>) -> Vec<RecordingRule> {
    let parameters = alert.definition.parameters.iter().zip(&alert.operands).enumerate();
    let differing = parameters.filter(|(_, (_, operand))| matches!(operand, Operand::ByJob(_)));
    differing
        .filter_map(|(place, (parameter, _))| {
            Some(RecordingRule {
                series: parameter.series,
                unit: parameter.default.unit(),
                labels: vec![JOB_NAME.to_owned()],
                comment: format!("`{}` of {}, which differs by job.", parameter.key, alert.name()),
                expression: values_by_job(alert, place, scope)?,
            })
        })
        .collect()
}

/// Returns the value of a parameter for each job: first for the jobs that differ, then for all
/// others.
fn values_by_job(alert: &Alert, place: usize, scope: &Scope<'_>) -> Option<Expr> {
    let stated = alert.stated.get(place).copied().flatten();
    let watches_all = alert.watched() == scope.jobs().len();
    let mut classes = alert.values(place);
    // What holds for the rest comes last: it is for all jobs that no part before it names.
    classes.sort_by_key(|class| Some(class.value) == stated);
    let rest = classes.pop_if(|class| watches_all && Some(class.value) == stated);
    let of_jobs = |class: ValueClass| {
        let jobs = scope.recorded(CATALOGUED.name).one_of(JOB_NAME, &class.jobs);
        Expr::from(class.value).binary(Operator::Multiply, jobs)
    };
    let rest =
        rest.map(|class| Expr::from(class.value).binary(Operator::Multiply, scope.recorded(CATALOGUED.name)));
    if classes.len() <= MOST_LOOKUPS {
        return Expr::any(classes.into_iter().map(of_jobs).chain(rest));
    }
    let of_job = |value: Quantity, job: &JobName| {
        // Linters take everything behind a bare `vector(…)` and an `or` for dead code.
        let value = Expr::Vector(value).binary(Operator::GreaterOrEqual, Quantity::Count(0));
        value.labelled(JOB_NAME, job.as_str())
    };
    let jobs = classes.iter().flat_map(|class| class.jobs.iter().map(|job| of_job(class.value, job)));
    // Like the constants, the rest has no label but the job's name.
    let rest = rest.map(|rest| rest.aggregate(Aggregation::Max, &[JOB_NAME]));
    Expr::any(jobs.chain(rest))
}
