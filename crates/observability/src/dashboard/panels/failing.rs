//! Executions that fail.

use jobwatch_catalogue::label::{JOB_NAME, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;

use super::super::board::Board;
use super::super::draft::{Draft, HALF, value};
use super::super::panel::{Panel, Scale, Visual};
use crate::quantity::Unit;

pub(super) fn failure_rate_by_job(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Failure Rate by Job",
        sentences: "Failed executions a second, over a window that holds several executions of the job.",
        unit: Unit::PerSecond,
        visual: Visual::Lines(Scale::Linear),
        no_value: "Nothing has run yet",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn failure_ratio_of_executions(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Failure Ratio of Executions",
        sentences: "Failed executions as a part of all that ended, over the job's latest executions.",
        unit: Unit::Ratio,
        visual: Visual::Lines(Scale::Whole),
        no_value: "Nothing has run yet",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn failures_in_a_row(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Failures in a Row",
        sentences: "Executions that failed since the last one that succeeded. This notices a rare job that \
                    keeps failing.",
        unit: Unit::Count,
        visual: Visual::Lines(Scale::Linear),
        no_value: "Not exposed: needs Jobwatch's runtime",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn runs_over_time(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Runs Over Time",
        sentences: "Executions that ended in each hour, or in each step of a longer time range, by job and \
                    status.",
        unit: Unit::Count,
        visual: Visual::Bars,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let ended = board.grown(board.metric(&JOB_EXECUTION_TOTAL), &[JOB_NAME, STATUS]);
    let query = value(board.largest(ended), "{{job_name}} {{status}}");
    Some(draft.build(board, vec![query]))
}
