//! Items, and those that fail.

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;

use super::super::board::Board;
use super::super::draft::{Draft, HALF, value};
use super::super::panel::{Panel, Scale, Visual};
use crate::quantity::Unit;

pub(super) fn items_by_job_and_status(board: &Board<'_>) -> Option<Panel> {
    if !board.has(|job| job.items().is_some()) {
        return None;
    }
    let draft = Draft {
        title: "Items by Job and Status",
        sentences: "Items that were handled in each hour, or in each step of a longer time range. Skipped \
                    items needed nothing and count as no attempt.",
        unit: Unit::Count,
        visual: Visual::Bars,
        no_value: "No items were handled",
        width: HALF,
    };
    let statuses = ItemStatus::ALL.map(ItemStatus::as_str);
    let items = board.metric(&JOB_ITEMS_PROCESSED_TOTAL).one_of(STATUS, &statuses);
    let items = board.grown(items, &[JOB_NAME, STATUS]);
    let query = value(board.largest(items), "{{job_name}} {{status}}");
    Some(draft.build(board, vec![query]))
}

pub(super) fn failure_ratio_of_items(board: &Board<'_>) -> Option<Panel> {
    if !board.has(|job| job.items().is_some()) {
        return None;
    }
    let draft = Draft {
        title: "Failure Ratio of Items",
        sentences: "Failed items as a part of those that were attempted.",
        unit: Unit::Ratio,
        visual: Visual::Lines(Scale::Whole),
        no_value: "No items were attempted",
        width: HALF,
    };
    Some(draft.plot(board))
}
