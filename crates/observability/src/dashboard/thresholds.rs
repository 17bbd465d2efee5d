//! Where thresholds are drawn: across the panel where they hold for all jobs or as stated, and as
//! dashed series of their own where jobs differ.

use jobwatch_catalogue::label::JOB_NAME;

use super::board::{Board, MOST_DRAWN};
use super::panel::{Exception, Line, Purpose, Query};
use crate::definition::Operand;
use crate::model::{Alert, ValueClass};
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::Quantity;

/// The thresholds of an alert.
pub(super) struct Thresholds {
    /// The one that is drawn across the panel.
    pub(super) across: Option<Quantity>,
    /// The others, ascending, with their jobs.
    pub(super) others: Vec<ValueClass>,
}

/// Returns the thresholds of an alert. The stated one is drawn across the panel, or the only one,
/// if it is another.
pub(super) fn thresholds(alert: &Alert) -> Thresholds {
    let mut others = alert.values(0);
    let stated = alert.stated_threshold();
    let place = match others.as_slice() {
        [_] => Some(0),
        many => many.iter().position(|class| Some(class.value) == stated),
    };
    let across = place.map(|place| others.remove(place).value);
    Thresholds { across, others }
}

/// Returns the lines across a panel that plots some alerts, ascending.
pub(super) fn lines(alerts: &[&Alert]) -> Vec<Line> {
    let line = |alert: &&Alert| {
        let value = thresholds(alert).across?;
        Some(Line { alert: alert.name(), severity: alert.severity, value })
    };
    let mut lines: Vec<Line> = alerts.iter().filter_map(line).collect();
    lines.sort_by(|a, b| a.value.as_f64().total_cmp(&b.value.as_f64()).then(a.severity.cmp(&b.severity)));
    lines
}

/// Returns the thresholds of single jobs in a panel that has a bar for each.
pub(super) fn exceptions(alert: &Alert) -> Vec<Exception> {
    let severity = alert.severity;
    let exception = |ValueClass { value, jobs, .. }: ValueClass| Exception { severity, value, jobs };
    thresholds(alert).others.into_iter().map(exception).collect()
}

/// Returns the values that an alert tests: of every chosen job, or where there are many, of those
/// nearest to their thresholds.
pub(super) fn values(board: &Board<'_>, alert: &Alert) -> Query {
    Query { expression: drawn(board, alert), legend: legend(), purpose: Purpose::Value }
}

fn legend() -> String {
    format!("{{{{{JOB_NAME}}}}}")
}

fn drawn(board: &Board<'_>, alert: &Alert) -> Expr {
    let all = || Expr::from(board.recorded(&alert.definition.value));
    if !board.is_large() {
        return all();
    }
    match alert.operands.first() {
        Some(Operand::ByJob(series)) => {
            let threshold = board.chosen(board.model().scope().recorded(series));
            let nearness = all().matched(Operator::Divide, crate::definition::by_job(), threshold);
            all().binary(Operator::And, nearness.top(MOST_DRAWN))
        }
        _ => all().top(MOST_DRAWN),
    }
}

/// Dashed series for the thresholds that are not drawn across the panel, of the jobs that are
/// drawn.
pub(super) fn dashed(board: &Board<'_>, alert: &Alert) -> Option<Query> {
    let Some(Operand::ByJob(series)) = alert.operands.first() else { return None };
    let threshold = Expr::from(board.chosen(board.model().scope().recorded(series)));
    let others = match thresholds(alert).across {
        Some(across) => threshold.binary(Operator::NotEqual, across),
        None => threshold,
    };
    Some(Query {
        expression: others.matched(Operator::And, Matching::on(&[JOB_NAME]), drawn(board, alert)),
        legend: format!("{}: {}", alert.name(), legend()),
        purpose: Purpose::Threshold(alert.severity),
    })
}

/// Returns a dashed series of what an expression makes of an alert's condition.
pub(super) fn dashed_of(
    board: &Board<'_>,
    alert: &Alert,
    of: impl FnOnce(&crate::definition::Condition<'_>) -> Option<Expr>,
) -> Option<Query> {
    let expression = alert.condition(board.model().scope(), of)??;
    Some(Query {
        expression: board.largest(board.narrowed(expression)),
        legend: format!("{}: {}", alert.name(), legend()),
        purpose: Purpose::Threshold(alert.severity),
    })
}
