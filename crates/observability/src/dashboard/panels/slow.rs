//! Executions that take long, and queues.

use super::super::board::Board;
use super::super::draft::{Draft, FULL, HALF};
use super::super::panel::{Panel, Scale, Visual};
use super::super::thresholds;
use crate::alerts::queue_growing::{QUEUE_GROWING, growth_limit};
use crate::quantity::Unit;

pub(super) fn job_duration(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Job Duration (P95)",
        sentences: "The duration that 95 of 100 executions stay below, over a window that holds several \
                    executions.",
        unit: Unit::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 1 }),
        no_value: "Nothing has run yet",
        width: FULL,
    };
    Some(draft.plot(board))
}

pub(super) fn job_queue_sizes(board: &Board<'_>) -> Option<Panel> {
    if !board.has(|job| job.queue().is_some()) {
        return None;
    }
    let draft = Draft {
        title: "Job Queue Sizes",
        sentences: "What waits for each job that has a queue.",
        unit: Unit::Count,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 10 }),
        no_value: "No queue is exposed",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn queue_growth(board: &Board<'_>) -> Option<Panel> {
    let growing = board.alert(QUEUE_GROWING.name)?;
    let draft = Draft {
        title: "Queue Growth",
        sentences: "Each queue, and dashed what it would be if it had grown by just as much as it may. A \
                    queue that is above both its dashed line and the threshold grows too fast.",
        unit: Unit::Count,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 10 }),
        no_value: "No queue is exposed",
        width: HALF,
    };
    let mut panel = draft.plot(board);
    panel.queries.extend(thresholds::dashed_of(board, growing, |condition| Some(growth_limit(condition))));
    Some(panel)
}
