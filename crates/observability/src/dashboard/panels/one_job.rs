//! What one job does, in a row that is there once for each chosen job: as long as there are few
//! enough of them to find one.

use jobwatch_catalogue::label::{LE, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_TOTAL};

use super::super::board::Board;
use super::super::draft::{Draft, FULL, HALF, value};
use super::super::panel::{Panel, Query, Scale, Visual};
use crate::quantity::Unit;
use crate::series::QUEUE_SIZE;

fn panel(board: &Board<'_>, draft: Draft, query: Query) -> Option<Panel> {
    (!board.is_large()).then(|| draft.build(board, vec![query]))
}

pub(super) fn state(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "State of the Job",
        sentences: "How the job has been doing, wherever it runs.",
        unit: Unit::Number,
        visual: Visual::States,
        no_value: "No rules have been evaluated for this catalogue",
        width: FULL,
    };
    let panel = panel(board, draft, value(board.state(), "{{job_name}}"))?;
    Some(Panel { height: 4, ..panel })
}

pub(super) fn runs(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Runs of the Job",
        sentences: "Executions that ended in each hour, by status.",
        unit: Unit::Count,
        visual: Visual::Bars,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let ended = board.grown(board.metric(&JOB_EXECUTION_TOTAL), &[STATUS]);
    panel(board, draft, value(ended, "{{status}}"))
}

pub(super) fn durations(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Durations of the Job",
        sentences: "How many executions in each hour took how long.",
        unit: Unit::Count,
        visual: Visual::Heatmap,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let buckets = board.grown(board.exposed(JOB_EXECUTION_DURATION_SECONDS_BUCKET), &[LE]);
    panel(board, draft, value(buckets, "{{le}}"))
}

pub(super) fn queue(board: &Board<'_>) -> Option<Panel> {
    if !board.has(|job| job.queue().is_some()) {
        return None;
    }
    let draft = Draft {
        title: "Queue of the Job",
        sentences: "What waits for the job, if it has a queue.",
        unit: Unit::Count,
        visual: Visual::Lines(Scale::Linear),
        no_value: "The job has no queue",
        width: FULL,
    };
    panel(board, draft, value(board.recorded(&QUEUE_SIZE).into(), "{{job_name}}"))
}
