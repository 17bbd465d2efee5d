//! Where thresholds are drawn: across the panel where they hold for all jobs or as stated, and as dashed series of their own
//! where some jobs have others.

use std::collections::BTreeMap;

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::{JobName, Quantity};

use super::board::{Board, MOST};
use super::panel::{Exception, Line, Purpose, Query};
use crate::alerts::Alert;
use crate::condition::Condition;
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::signals::{BY, Signal};

/// How many thresholds of one alert are told apart by series of their own. Beyond that, each job has one of its own.
const MOST_FIGURES: usize = 8;

/// A threshold and the jobs that it holds for.
pub(super) struct Figure {
    pub(super) figure: Quantity,
    pub(super) jobs: Vec<JobName>,
}

/// The thresholds of an alert: the one that is drawn across the panel, and the others, ascending.
pub(super) struct Figures {
    pub(super) across: Option<Figure>,
    pub(super) others: Vec<Figure>,
}

/// The thresholds of an alert. The stated one is drawn across the panel, or the only one, if it is another.
pub(super) fn figures(alert: &Alert) -> Figures {
    let mut by_figure: BTreeMap<Quantity, Vec<JobName>> = BTreeMap::new();
    for class in &alert.classes {
        if let Some(figure) = class.condition.threshold() {
            by_figure.entry(figure).or_default().extend(class.jobs.iter().cloned());
        }
    }
    let only = if by_figure.len() == 1 { by_figure.keys().next().copied() } else { None };
    let across = alert
        .condition
        .threshold()
        .filter(|stated| by_figure.contains_key(stated))
        .or(only)
        .and_then(|figure| by_figure.remove(&figure).map(|jobs| Figure { figure, jobs }));
    let others = by_figure.into_iter().map(|(figure, jobs)| Figure { figure, jobs }).collect();
    Figures { across, others }
}

/// The lines across a panel that plots some alerts, ascending.
pub(super) fn lines(alerts: &[&Alert]) -> Vec<Line> {
    let line = |alert: &&Alert| {
        let figure = figures(alert).across?.figure;
        Some(Line { alert: alert.name, severity: alert.severity, figure })
    };
    let mut lines: Vec<Line> = alerts.iter().filter_map(line).collect();
    lines.sort_by(|a, b| a.figure.as_f64().total_cmp(&b.figure.as_f64()).then(a.severity.cmp(&b.severity)));
    lines
}

/// The thresholds of single jobs in a panel that has a bar for each.
pub(super) fn exceptions(alert: &Alert) -> Vec<Exception> {
    let exception = |Figure { figure, jobs }: Figure| Exception { severity: alert.severity, figure, jobs };
    figures(alert).others.into_iter().map(exception).collect()
}

/// The values of the signal that an alert tests: of every chosen job, or where there are many, of those nearest to their
/// thresholds.
pub(super) fn values(board: &Board<'_>, alert: &Alert) -> Query {
    Query { expression: drawn(board, alert), legend: legend(), purpose: Purpose::Value }
}

fn legend() -> String {
    format!("{{{{{JOB_NAME}}}}}")
}

fn drawn(board: &Board<'_>, alert: &Alert) -> Expr {
    let signal = alert.condition.signal();
    let all = Expr::from(board.signal(signal));
    if !board.is_large() {
        return all;
    }
    let Figures { across, others } = figures(alert);
    if others.is_empty() {
        return all.top(MOST);
    }
    let part = |Figure { figure, jobs }: &Figure| {
        Expr::from(board.signal_of(signal, jobs, alert)).binary(Operator::Divide, *figure)
    };
    match Expr::any(across.iter().chain(&others).map(part)) {
        Some(parts) => all.binary(Operator::And, parts.top(MOST)),
        None => all.top(MOST),
    }
}

/// Dashed series for the thresholds that are not drawn across the panel.
pub(super) fn limits(board: &Board<'_>, alert: &Alert) -> Vec<Query> {
    let others = figures(alert).others;
    let signal = alert.condition.signal();
    let purpose = Purpose::Limit(alert.severity);
    let limit = |Figure { figure, jobs }: &Figure, by: &[&'static str]| {
        let jobs = Expr::from(board.signal_of(signal, jobs, alert)).aggregate(Aggregation::Group, by);
        Expr::from(*figure).binary(Operator::Multiply, jobs)
    };
    if others.len() <= MOST_FIGURES {
        let query = |figure: &Figure| Query {
            expression: limit(figure, &[]),
            legend: format!("{}: {} ({})", alert.name, figure.figure, jobs(&figure.jobs)),
            purpose,
        };
        return others.iter().map(query).collect();
    }
    let each = Expr::any(others.iter().map(|figure| limit(figure, &BY)));
    let of_drawn = |each: Expr| match board.is_large() {
        true => each.matched(Operator::And, Matching::On(BY.to_vec()), drawn(board, alert)),
        false => each,
    };
    each.map(|each| Query {
        expression: of_drawn(each),
        legend: format!("{}: {}", alert.name, legend()),
        purpose,
    })
    .into_iter()
    .collect()
}

/// Above what each queue counts as growing: what it was a while ago, and the part that it may grow by.
pub(super) fn growth(board: &Board<'_>, alert: &Alert) -> Option<Query> {
    let earlier = alert.classes.iter().filter_map(|class| {
        let Condition::QueueGrowing {
            growth: Quantity::Ratio(growth), over: Quantity::Duration(over), ..
        } = class.condition
        else {
            return None;
        };
        let queue = board.signal_of(Signal::QueueSize, &class.jobs, alert).offset(over);
        Some(Expr::from(Quantity::Ratio(1_000_000 + growth)).binary(Operator::Multiply, queue))
    });
    let expression = board.largest(Expr::any(earlier)?);
    let legend = format!("{}: {}", alert.name, legend());
    Some(Query { expression, legend, purpose: Purpose::Limit(alert.severity) })
}

/// Names a few jobs, counts many.
pub(super) fn jobs(jobs: &[JobName]) -> String {
    match jobs.len() {
        0..=3 => jobs.iter().map(JobName::as_str).collect::<Vec<_>>().join(", "),
        many => format!("{many} jobs"),
    }
}
