//! Jobs that are overdue, executions that do not end, and jobs that expose nothing.

use jobwatch_catalogue::label::{JOB_NAME, REASON};
use jobwatch_catalogue::metric::JOB_EXECUTION_SKIPPED_TOTAL;

use super::super::board::Board;
use super::super::draft::{Draft, HALF, value};
use super::super::panel::{Panel, Scale, Visual};
use crate::alerts::metrics_absent::METRICS_ABSENT;
use crate::alerts::unresolved::UNRESOLVED;
use crate::promql::{Aggregation, Expr};
use crate::quantity::Unit;
use crate::scope::{ALERTNAME, ALERTS, ALERTSTATE};

pub(super) fn time_since_last_success(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Time Since Last Success",
        sentences: "How long ago each job last succeeded, counted from when it was first scheduled if it \
                    never has. The lines stand where the rules have them; a job whose interval the \
                    environment made longer gets two of those intervals.",
        unit: Unit::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 60 }),
        no_value: "No job is exposed",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn overdue_successes(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Overdue Successes",
        sentences: "How long ago each job should have succeeded: counted from the first due time since its \
                    last success and the time that an execution may take.",
        unit: Unit::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 60 }),
        no_value: "No success is overdue",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn running_now(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Running Now",
        sentences: "How long each execution in progress has taken, and how long it may take. An execution \
                    that ends between two scrapes is not seen.",
        unit: Unit::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 60 }),
        no_value: "Nothing is running",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn jobs_without_metrics(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Jobs Without Metrics",
        sentences: "Jobs of the catalogue that Prometheus has no series of: the process is gone or is not \
                    scraped, or the job is not registered. What is missing is nowhere, so that only the choice \
                    of jobs narrows this.",
        unit: Unit::Number,
        visual: Visual::Lines(Scale::Whole),
        no_value: "Every job exposes metrics",
        width: HALF,
    };
    let absent = board.largest(board.tested(METRICS_ABSENT.name)?);
    Some(draft.build(board, vec![value(absent, "{{job_name}}")]))
}

pub(super) fn unresolved_warnings(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Unresolved Warnings",
        sentences: "How many warnings about each job have been firing for so long that they page.",
        unit: Unit::Count,
        visual: Visual::Lines(Scale::Whole),
        no_value: "No warning has been firing for long",
        width: HALF,
    };
    let firing = board.model().scope().recorded(ALERTS).equal(ALERTSTATE, "firing");
    let unresolved = Expr::from(board.chosen(firing.equal(ALERTNAME, UNRESOLVED.name.as_str())));
    let by_job = board.catalogued(unresolved.aggregate(Aggregation::Count, &[JOB_NAME]));
    Some(draft.build(board, vec![value(board.largest(by_job), "{{job_name}}")]))
}

pub(super) fn due_times_skipped(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Due Times Skipped by Reason",
        sentences: "Due times that did not become an execution in each hour. `lease_held` is usual with \
                    several replicas; `overlap` means that executions take longer than the interval.",
        unit: Unit::Count,
        visual: Visual::Bars,
        no_value: "Nothing was skipped",
        width: HALF,
    };
    let skipped = board.grown(board.metric(&JOB_EXECUTION_SKIPPED_TOTAL), &[JOB_NAME, REASON]);
    Some(draft.build(board, vec![value(board.largest(skipped), "{{job_name}} {{reason}}")]))
}
