//! What a job does that plays a script.

use std::panic::resume_unwind;
use std::time::Duration;

use jobwatch_catalogue::label::RunStatus;
use jobwatch_observability::scenario::{Execution, ITEMS};
use jobwatch_runtime::{JobError, Report, RunContext};
use tokio::time::sleep;

/// Does what a script says about an execution.
pub(crate) async fn act(
    run: RunContext,
    execution: Option<(usize, Execution)>,
    timeout: u64,
) -> Result<Report, JobError> {
    let Some((place, execution)) = execution else {
        return Err(JobError::permanent("the script does not have this execution"));
    };
    if execution.status == RunStatus::Failed && execution.duration == timeout {
        run.cancelled().await;
        return Err(JobError::Cancelled);
    }
    sleep(Duration::from_secs(execution.duration)).await;
    match execution.status {
        RunStatus::Success => {
            let failed = execution.failed_items.min(ITEMS);
            Ok(Report { succeeded: ITEMS - failed, failed, skipped: 0 })
        }
        // Some fail with an error, and some with a panic.
        RunStatus::Failed if place % 2 == 1 => resume_unwind(Box::new("the job panics")),
        RunStatus::Failed => Err(JobError::permanent("the job fails")),
    }
}
