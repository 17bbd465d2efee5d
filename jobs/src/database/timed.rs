//! Statements that take long.

use std::future::Future;
use std::time::{Duration, Instant};

use jobwatch_runtime::JobError;

/// A statement that takes longer than this is logged as slow.
const SLOW: Duration = Duration::from_secs(1);

/// Runs a statement, and logs it if it takes long.
pub(crate) async fn timed<T>(
    what: &'static str,
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, JobError> {
    let begun = Instant::now();
    let result = statement.await;
    if begun.elapsed() > SLOW {
        // A number in the log, which the larger type would not be.
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(what, milliseconds, "slow query");
    }
    // A database that is away now may be back with the next attempt.
    result.map_err(|error| JobError::retryable(format!("{what}: {error}")))
}
