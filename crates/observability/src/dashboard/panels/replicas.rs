//! Which process does what.

use jobwatch_catalogue::label::{INSTANCE, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;

use super::super::board::Board;
use super::super::draft::{Draft, FULL, value};
use super::super::panel::{Panel, Visual};
use crate::quantity::Unit;

pub(super) fn runs_by_replica(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Runs by Replica",
        sentences: "Executions that ended in each hour, by the process that they ran in. One whose \
                    executions fail while those of the others succeed is broken on its own.",
        unit: Unit::Count,
        visual: Visual::Bars,
        no_value: "Nothing has run yet",
        width: FULL,
    };
    let ended = board.grown(board.metric(&JOB_EXECUTION_TOTAL), &[INSTANCE, STATUS]);
    Some(draft.build(board, vec![value(board.largest(ended), "{{instance}} {{status}}")]))
}
