//! Single numbers, for a glance: how much is wrong.

use super::super::board::Board;
use super::super::draft::{Draft, value};
use super::super::panel::{Panel, Visual};
use crate::job_state::JobState;
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, Unit};
use crate::series::QUEUE_SIZE;
use crate::severity::Severity;

const HEIGHT: u32 = 4;
/// A quarter of the dashboard's width.
const WIDTH: u32 = 6;

fn tile(
    board: &Board<'_>,
    (title, sentences): (&'static str, &'static str),
    severity: Option<Severity>,
    number: Expr,
) -> Panel {
    let no_value = "None";
    let draft =
        Draft { title, sentences, unit: Unit::Count, visual: Visual::Tile(severity), no_value, width: WIDTH };
    Panel { height: HEIGHT, ..draft.build(board, vec![value(number, title)]) }
}

pub(super) fn critical_alerts(board: &Board<'_>) -> Option<Panel> {
    let said = ("Critical Alerts", "Critical alerts that fire now.");
    Some(tile(board, said, Some(Severity::Critical), board.firing_of(Severity::Critical)))
}

pub(super) fn warnings(board: &Board<'_>) -> Option<Panel> {
    let said = ("Warnings", "Warnings that fire now.");
    Some(tile(board, said, Some(Severity::Warning), board.firing_of(Severity::Warning)))
}

pub(super) fn late_jobs(board: &Board<'_>) -> Option<Panel> {
    let said = ("Late Jobs", "Jobs that have not succeeded for too long, or that expose nothing.");
    let late = jobs_that_are(board, [JobState::Overdue, JobState::Silent]);
    Some(tile(board, said, Some(Severity::Warning), late))
}

pub(super) fn backlog(board: &Board<'_>) -> Option<Panel> {
    if !board.has(|job| job.queue().is_some()) {
        return None;
    }
    let said = ("Backlog", "What waits in all queues together.");
    let waiting = Expr::from(board.recorded(&QUEUE_SIZE)).aggregate(Aggregation::Sum, &[]);
    Some(tile(board, said, None, waiting))
}

/// In the place of the backlog where there is none.
pub(super) fn failing_jobs(board: &Board<'_>) -> Option<Panel> {
    if board.has(|job| job.queue().is_some()) {
        return None;
    }
    let said = ("Failing Jobs", "Jobs of which some executions failed lately, or most.");
    let failing = jobs_that_are(board, [JobState::Failing, JobState::Broken]);
    Some(tile(board, said, Some(Severity::Warning), failing))
}

/// How many copies of the chosen jobs are in one of two states. Nothing where there are none.
fn jobs_that_are(board: &Board<'_>, states: [JobState; 2]) -> Expr {
    let [one, other] =
        states.map(|state| board.state().binary(Operator::Equal, Quantity::Count(state.number())));
    one.or(other).aggregate(Aggregation::Count, &[])
}
