//! Executions that take long, and queues.

use jobwatch_catalogue::label::{JOB_NAME, LE};
use jobwatch_catalogue::metric::{JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_DURATION_SECONDS_SUM};

use super::super::board::Board;
use super::super::draft::{Draft, HALF, value};
use super::super::panel::{Panel, Scale, Visual};
use super::super::thresholds;
use crate::alerts::queue_growing::{QUEUE_GROWING, growth_limit};
use crate::promql::{Aggregation, Expr, Window};
use crate::quantity::{Quantity, Unit, WHOLE};

const HALF_OF_ALL: u64 = WHOLE / 2;

pub(super) fn job_duration(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Job Duration (P95)",
        sentences: "The duration that 95 of 100 executions stay below, over a window that holds several \
                    executions.",
        unit: Unit::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 1 }),
        no_value: "Nothing has run yet",
        width: HALF,
    };
    Some(draft.plot(board))
}

pub(super) fn usual_duration(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Usual Duration (P50)",
        sentences: "The duration that half of the executions in each hour stay below. An hour in which none \
                    ended has no point.",
        unit: Unit::Seconds,
        visual: Visual::Points,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let buckets = board.exposed(JOB_EXECUTION_DURATION_SECONDS_BUCKET);
    let median = Expr::rate(buckets, Window::RateInterval)
        .aggregate(Aggregation::Sum, &[JOB_NAME, LE])
        .quantile(Quantity::Ratio(HALF_OF_ALL));
    let query = value(board.largest(board.catalogued(median)), "{{job_name}}");
    Some(draft.build(board, vec![query]))
}

pub(super) fn distribution_of_durations(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Distribution of Durations",
        sentences: "How many executions in each hour took how long, of all chosen jobs together.",
        unit: Unit::Count,
        visual: Visual::Heatmap,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let buckets = board.grown(board.exposed(JOB_EXECUTION_DURATION_SECONDS_BUCKET), &[LE]);
    Some(draft.build(board, vec![value(buckets, "{{le}}")]))
}

pub(super) fn time_spent(board: &Board<'_>) -> Option<Panel> {
    let draft = Draft {
        title: "Time Spent by Job",
        sentences: "How long the executions that ended in each hour took together: what a job costs.",
        unit: Unit::Seconds,
        visual: Visual::Bars,
        no_value: "Nothing has run yet",
        width: HALF,
    };
    let spent = board.grown(board.exposed(JOB_EXECUTION_DURATION_SECONDS_SUM), &[JOB_NAME]);
    Some(draft.build(board, vec![value(board.largest(spent), "{{job_name}}")]))
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
    let limit = thresholds::dashed_of(board, growing, |condition| Some(growth_limit(condition)));
    Some(draft.plot_with(board, limit))
}
