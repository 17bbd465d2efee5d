//! Counts what waits in the jobs' queues, on its own schedule: a scrape never waits for a database.

use std::future::Future;
use std::pin::Pin;

use crate::engine::core::{Core, JobIndex};
use crate::job::outcome::JobError;
use crate::log::log;
use crate::panics::catch;

/// What a count of a queue answers, in a while.
pub(crate) type Count = Pin<Box<dyn Future<Output = Result<u64, JobError>> + Send>>;

/// Counts a queue.
pub(crate) type Counter = Box<dyn Fn() -> Count + Send + Sync>;

/// Counts a queue again and again. One that cannot be counted keeps its last size, and the log says
/// so once.
pub(crate) async fn sample(core: &Core, index: JobIndex, counter: &Counter) {
    let entry = &core.entries[index];
    let job_name = core.spec(index).name().as_str();
    let mut failing = false;
    loop {
        let counted =
            tokio::time::timeout(core.settings.queue_interval, catch(Box::pin(async { counter().await })))
                .await;
        let problem = match counted {
            Ok(Ok(Ok(size))) => {
                entry.metrics.queue_size(size);
                None
            }
            Ok(Ok(Err(error))) => Some(error.to_string()),
            Ok(Err(panic)) => Some(format!("panic: {panic}")),
            Err(_) => Some("it takes too long".to_owned()),
        };
        if let Some(problem) = problem.as_ref().filter(|_| !failing) {
            log!(error, job_name, problem, "the queue cannot be counted; its last size stands until it can");
        }
        failing = problem.is_some();
        tokio::time::sleep(core.settings.queue_interval).await;
    }
}
