//! Counts what waits in the jobs' queues, on its own schedule: a scrape never waits for a database.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::engine::core::{Core, JobIndex};
use crate::job::body::Counter;
use crate::log::log;
use crate::panics::message;

/// Counts a queue again and again. One that cannot be counted keeps its last size, and the log says
/// so once.
pub(crate) async fn sample(core: &Core, index: JobIndex, counter: &Counter<()>) {
    let entry = &core.entries[index];
    let job_name = core.spec(index).name().as_str();
    let mut failing = false;
    loop {
        let count = AssertUnwindSafe(async { counter(&()).await }).catch_unwind();
        let counted = tokio::time::timeout(core.settings.queue_interval, count).await;
        let problem = match counted {
            Ok(Ok(Ok(size))) => {
                entry.metrics.queue_size(size);
                None
            }
            Ok(Ok(Err(error))) => Some(error.to_string()),
            Ok(Err(panic)) => Some(format!("panic: {}", message(panic))),
            Err(_) => Some("it takes too long".to_owned()),
        };
        if let Some(problem) = problem.as_ref().filter(|_| !failing) {
            log!(error, job_name, problem, "the queue cannot be counted; its last size stands until it can");
        }
        failing = problem.is_some();
        tokio::time::sleep(core.settings.queue_interval).await;
    }
}
