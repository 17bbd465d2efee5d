//! What fires, and how each job is doing.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use super::super::board::{Board, SECTION};
use super::super::describe;
use super::super::draft::{Draft, FULL, HALF, value};
use super::super::jobs::{due_in, failure_ratio, intervals, overdue_after, succeeded};
use super::super::links;
use super::super::panel::{Column, ColumnKind, Field, Link, Panel, Visual};
use super::super::thresholds;
use crate::alerts::critical_failure_rate::CRITICAL_FAILURE_RATE;
use crate::promql::{Aggregation, Expr};
use crate::quantity::Unit;
use crate::scope::{ALERTNAME, SEVERITY};
use crate::series::{CONSECUTIVE_FAILURES, DURATION_P95, IN_PROGRESS, QUEUE_SIZE, TIME_SINCE_LAST_SUCCESS};

/// Returns the alerts that fire.
pub(super) fn firing_alerts(board: &Board<'_>) -> Option<Panel> {
    let label = |label: &str, title: &str, kind| Column {
        field: Field::Label(label.to_owned()),
        title: title.to_owned(),
        kind,
        links: Vec::new(),
    };
    let rule = Link { title: "The alert".to_owned(), url: links::rule("${__value.raw}") };
    let mut columns = vec![
        label(SEVERITY, "Severity", ColumnKind::Severity),
        Column { links: vec![rule], ..label(ALERTNAME, "Alert", ColumnKind::Text) },
        Column { links: links::of_job(board), ..label(JOB_NAME, "Job", ColumnKind::Text) },
        label(NAMESPACE, "Namespace", ColumnKind::Text),
    ];
    let grouping = board.model().scope().grouping_labels().iter();
    columns.extend(grouping.map(|name| label(name, &describe::label(name), ColumnKind::Text)));
    let seconds = ColumnKind::Value(Unit::Seconds);
    let (field, title) = (Field::Value(0), "Holds for".to_owned());
    columns.push(Column { field, title, kind: seconds, links: Vec::new() });
    let section = vec![links::section_of_row(board.model())];
    columns.push(Column { links: section, ..label(SECTION, "Runbook", ColumnKind::Text) });
    let draft = Draft {
        title: "Firing Alerts",
        sentences: "Alerts that fire now, and for how long their conditions have held. A click on an alert \
                    leads to its rule, one on its section to the runbook.",
        unit: Unit::Seconds,
        visual: Visual::Table(columns),
        no_value: "No alert fires",
        width: HALF,
    };
    Some(draft.build(board, vec![value(board.firing_for(), "{{alertname}} {{job_name}}")]))
}

pub(super) fn job_success_rate(board: &Board<'_>) -> Option<Panel> {
    let critical = board.alert(CRITICAL_FAILURE_RATE.name);
    let draft = Draft {
        title: "Job Success Rate",
        sentences: "The part of each job's latest executions that succeeded. A rare job is looked back upon \
                    for as long as it takes to see several executions.",
        unit: Unit::Ratio,
        visual: Visual::Gauge(critical.map(thresholds::exceptions).unwrap_or_default()),
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let query = value(succeeded(board.largest(failure_ratio(board))), "{{job_name}}");
    Some(Panel { lines: thresholds::lines(critical.as_slice()), ..draft.build(board, vec![query]) })
}

pub(super) fn execution_status_overview(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Job Execution Status Overview",
        sentences: "How each job has been doing: whether its executions succeed, fail in part or for the \
                    most part, or whether it has not succeeded for too long.",
        unit: Unit::Number,
        visual: Visual::States,
        no_value: "No rules have been evaluated for this catalogue",
        width: FULL,
    };
    Some(draft.build(board, vec![value(board.largest(board.state()), "{{job_name}}")]))
}

/// Returns all that is known about each job.
pub(super) fn execution_details(board: &Board<'_>) -> Option<Panel> {
    let failed = failure_ratio(board).aggregate(Aggregation::Max, &[JOB_NAME]);
    let seconds = ColumnKind::Value(Unit::Seconds);
    let count = ColumnKind::Value(Unit::Count);
    let has_queue = board.has(|job| job.queue().is_some());
    let values: Vec<(&'static str, ColumnKind, Option<Expr>)> = vec![
        ("Status", ColumnKind::State, Some(board.state().aggregate(Aggregation::Max, &[JOB_NAME]))),
        ("Since last success", seconds, Some(board.worst(&TIME_SINCE_LAST_SUCCESS))),
        ("Overdue after", seconds, overdue_after(board)),
        ("Interval", seconds, Some(intervals(board))),
        ("Due in", seconds, Some(due_in(board))),
        ("Success rate", ColumnKind::Value(Unit::Ratio), Some(succeeded(failed))),
        ("Failures in a row", count, Some(board.worst(&CONSECUTIVE_FAILURES))),
        ("Duration (P95)", seconds, Some(board.worst(&DURATION_P95))),
        ("Running for", seconds, Some(board.worst(&IN_PROGRESS))),
        ("Queue", count, has_queue.then(|| board.worst(&QUEUE_SIZE))),
    ];
    let mut columns = vec![Column {
        field: Field::Label(JOB_NAME.to_owned()),
        title: "Job".to_owned(),
        kind: ColumnKind::Text,
        links: links::of_job(board),
    }];
    let mut queries = Vec::new();
    for (title, kind, expression) in values {
        if let Some(expression) = expression {
            let (field, title) = (Field::Value(queries.len()), title.to_owned());
            columns.push(Column { field, title, kind, links: Vec::new() });
            queries.push(value(expression, "{{job_name}}"));
        }
    }
    let draft = Draft {
        title: "Execution Details Table",
        sentences: "Each job of the catalogue in one row, those that need somebody first. An empty field \
                    means that the job exposes nothing about it. A click on a job narrows the dashboard to \
                    it, or leads to its logs.",
        unit: Unit::Count,
        visual: Visual::Table(columns),
        no_value: "No rules have been evaluated for this catalogue",
        width: FULL,
    };
    Some(Panel { height: 10, ..draft.build(board, queries) })
}
