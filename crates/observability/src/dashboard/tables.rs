//! Tables: the alerts that fire, and all that is known about each job in one row.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use super::board::{ALERTNAME, Board, SEVERITY};
use super::panel::{Column, ColumnKind, Field, Panel, Visual};
use super::rows::{Draft, FULL, value};
use crate::promql::check::Measure;
use crate::promql::{Aggregation, Expr};
use crate::signals::Signal;

/// The alerts that fire.
pub(super) fn firing(board: &Board<'_>) -> Panel {
    let label = |label, title, kind| Column { field: Field::Label(label), title, kind };
    let columns = vec![
        label(SEVERITY, "Severity", ColumnKind::Severity),
        label(ALERTNAME, "Alert", ColumnKind::Text),
        label(JOB_NAME, "Job", ColumnKind::Job),
        label(NAMESPACE, "Namespace", ColumnKind::Text),
        Column { field: Field::Value(0), title: "Holds for", kind: ColumnKind::Figure(Measure::Seconds) },
    ];
    let panel = Draft {
        title: "Firing Alerts",
        sentences: "Alerts that fire now, and for how long their conditions have held. The links at the top of the panel lead \
                    to the section of each alert in the runbook.",
        measure: Measure::Seconds,
        visual: Visual::Table(columns),
        alerts: &[],
        no_value: "No alert fires",
        width: FULL / 2,
    }
    .build(board, vec![value(board.firing_for(), "{{alertname}} {{job_name}}")]);
    Panel { links: super::rows::sections(board), ..panel }
}

/// All that is known about each job.
pub(super) fn details(board: &Board<'_>) -> Panel {
    let failed = board.failed_ratio().aggregate(Aggregation::Max, &[JOB_NAME]);
    let seconds = ColumnKind::Figure(Measure::Seconds);
    let count = ColumnKind::Figure(Measure::Count);
    let figures: Vec<(&'static str, ColumnKind, Option<Expr>)> = vec![
        ("Status", ColumnKind::State, Some(board.state())),
        ("Since last success", seconds, Some(board.worst(Signal::TimeSinceLastSuccess))),
        ("Late after", seconds, board.late_after()),
        ("Interval", seconds, Some(board.intervals())),
        ("Success rate", ColumnKind::Figure(Measure::Ratio), Some(Board::succeeded(failed))),
        ("Failures in a row", count, Some(board.worst(Signal::ConsecutiveFailures))),
        ("Duration (P95)", seconds, Some(board.worst(Signal::DurationP95))),
        ("Running for", seconds, Some(board.worst(Signal::InProgress))),
        ("Queue", count, board.has(|job| job.queue().is_some()).then(|| board.worst(Signal::QueueSize))),
    ];
    let mut columns = vec![Column { field: Field::Label(JOB_NAME), title: "Job", kind: ColumnKind::Job }];
    let mut queries = Vec::new();
    for (title, kind, expression) in figures {
        if let Some(expression) = expression {
            columns.push(Column { field: Field::Value(queries.len()), title, kind });
            queries.push(value(expression, "{{job_name}}"));
        }
    }
    let panel = Draft {
        title: "Execution Details Table",
        sentences: "Each job of the catalogue in one row, those that need somebody first. An empty field means that the job \
                    exposes nothing about it. A click on a job narrows the dashboard to it.",
        measure: Measure::Count,
        visual: Visual::Table(columns),
        alerts: &[],
        no_value: "No rules have been evaluated for this catalogue",
        width: FULL,
    }
    .build(board, queries);
    Panel { height: 10, ..panel }
}
