//! Whether a server of PostgreSQL gives a connection, and answers.

use std::io;
use std::time::Duration;

use jobwatch_runtime::store::reach_postgres;
use sqlx::postgres::PgConnectOptions;
use tokio::time::timeout;

/// How long PostgreSQL may take to accept a connection.
const LONGEST: Duration = Duration::from_secs(10);

/// Makes one connection, to learn why none can be had.
///
/// # Errors
///
/// Why not, as [`reach_postgres`] says it.
pub(super) async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    reach_postgres(options, LONGEST).await
}

/// Waits for an answer, for so long at most: over a connection that has gone silent, none comes.
///
/// # Errors
///
/// What is answered, or that nothing was.
pub(crate) async fn within<T, E: From<sqlx::Error>>(
    longest: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    timeout(longest, answer).await.unwrap_or_else(|_| {
        let text = format!("no answer within {} s", longest.as_secs_f64());
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text)).into())
    })
}
