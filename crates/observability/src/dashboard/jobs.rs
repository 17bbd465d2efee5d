//! Expressions about each job that several panels show.

use std::collections::BTreeMap;

use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::{JOB_NAME, RunStatus, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, JOB_NEXT_DUE_TIMESTAMP_SECONDS};

use super::board::Board;
use crate::alerts::not_running::NOT_RUNNING;
use crate::definition::Operand;
use crate::lookback::Lookback;
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, WHOLE};
use crate::series::{CATALOGUED, FAILED_EXECUTION_RATIO, SCHEDULE_INTERVAL};

const ONE: Quantity = Quantity::Ratio(WHOLE);
const NONE: Quantity = Quantity::Count(0);

/// Returns the failure ratio of the executions: as the rules have it, or where nothing ended within
/// their windows, of all that the processes have counted. Empty only if no execution ever ended.
pub(super) fn failure_ratio(board: &Board<'_>) -> Expr {
    let group_by = board.model().scope().group_by_of_all();
    let longest = board.model().jobs().iter().map(|job| job.window(Lookback::Long)).max().unwrap_or(0);
    let counted = |selector| Expr::since_start(selector, longest).aggregate(Aggregation::Sum, &group_by);
    let all = || counted(board.metric(&JOB_EXECUTION_TOTAL));
    let failed = counted(board.metric(&JOB_EXECUTION_TOTAL).equal(STATUS, RunStatus::Failed.as_str()))
        .or(Expr::from(NONE).binary(Operator::Multiply, all()));
    let since_start = failed.binary(Operator::Divide, all().binary(Operator::Greater, NONE));
    Expr::from(board.recorded(&FAILED_EXECUTION_RATIO))
        .aggregate(Aggregation::Max, &group_by)
        .or(board.catalogued(since_start))
}

/// Returns the success ratio of the executions, from their failure ratio.
pub(super) fn succeeded(failed: Expr) -> Expr {
    Expr::from(ONE).binary(Operator::Subtract, failed)
}

/// Returns the interval of each job: the one in force, or the catalogue's where a process does not
/// tell.
pub(super) fn intervals(board: &Board<'_>) -> Expr {
    let mut jobs: BTreeMap<u64, Vec<JobName>> = BTreeMap::new();
    for job in board.model().jobs() {
        let interval = job.spec.schedule().longest_gap().as_secs();
        jobs.entry(interval).or_default().push(job.spec.name().clone());
    }
    let in_force = board.worst(&SCHEDULE_INTERVAL);
    let catalogued = jobs.iter().map(|(&interval, jobs)| board.value_of(Quantity::Duration(interval), jobs));
    let all = std::iter::once(in_force.clone()).chain(catalogued);
    Expr::any(all).unwrap_or(in_force)
}

/// Returns in how many seconds each job is due: fewer than none if that has passed and nobody runs
/// it.
pub(super) fn due_in(board: &Board<'_>) -> Expr {
    let due = Expr::from(board.metric(&JOB_NEXT_DUE_TIMESTAMP_SECONDS))
        .binary(Operator::Greater, NONE)
        .aggregate(Aggregation::Max, &[JOB_NAME]);
    board.catalogued(due.binary(Operator::Subtract, Expr::Time))
}

/// From when on each job is overdue.
pub(super) fn overdue_after(board: &Board<'_>) -> Option<Expr> {
    let alert = board.alert(NOT_RUNNING.name)?;
    let each_job = |of: Expr| of.aggregate(Aggregation::Max, &[JOB_NAME]);
    Some(match alert.operands.first()? {
        Operand::ByJob(series) => each_job(board.chosen(board.model().scope().recorded(series)).into()),
        Operand::Same(threshold) => {
            let jobs = Expr::from(board.recorded(&CATALOGUED)).aggregate(Aggregation::Group, &[JOB_NAME]);
            Expr::from(*threshold).binary(Operator::Multiply, jobs)
        }
    })
}
