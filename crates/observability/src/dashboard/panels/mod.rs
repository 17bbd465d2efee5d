//! The standard panels, in the order in which somebody on call reads them. Each is one function.

mod failing;
mod items;
mod now;
mod one_job;
mod overdue;
mod replicas;
mod slow;
mod tiles;

use super::board::Board;
use super::panel::Panel;

/// Makes a panel. Returns `None` if the catalogue has nothing to show on it.
pub type PanelFunction = fn(&Board<'_>) -> Option<Panel>;

/// The rows with their panels.
pub(super) const STANDARD: &[(&str, &[PanelFunction])] = &[
    (
        "Right now",
        &[
            tiles::critical_alerts,
            tiles::warnings,
            tiles::late_jobs,
            tiles::backlog,
            tiles::failing_jobs,
            now::firing_alerts,
            now::job_success_rate,
            now::execution_status_overview,
            now::execution_details,
        ],
    ),
    (
        "Failing",
        &[
            failing::failure_rate_by_job,
            failing::failure_ratio_of_executions,
            failing::failures_in_a_row,
            failing::runs_over_time,
        ],
    ),
    (
        "Overdue, stuck or silent",
        &[
            overdue::time_since_last_success,
            overdue::overdue_successes,
            overdue::running_now,
            overdue::jobs_without_metrics,
            overdue::unresolved_warnings,
            overdue::due_times_skipped,
        ],
    ),
    (
        "Slow or backed up",
        &[
            slow::job_duration,
            slow::usual_duration,
            slow::distribution_of_durations,
            slow::time_spent,
            slow::job_queue_sizes,
            slow::queue_growth,
        ],
    ),
    ("Items", &[items::items_by_job_and_status, items::failure_ratio_of_items]),
    ("Replicas", &[replicas::runs_by_replica]),
];

/// The panels of a row that is there once for each chosen job.
pub(super) const ONE_JOB: [PanelFunction; 4] =
    [one_job::state, one_job::runs, one_job::durations, one_job::queue];
