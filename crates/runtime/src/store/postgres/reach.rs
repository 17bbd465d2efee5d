//! Why a server gives no connection: a pool only tells that it has waited in vain.

use std::io;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::timeout;

/// Makes one connection to PostgreSQL and closes it, to learn why a pool has none.
///
/// # Errors
///
/// What the server says, or, with the place where it was looked for, why there is no answer. There
/// is none after `longest`.
pub async fn reach_postgres(options: &PgConnectOptions, longest: Duration) -> Result<(), sqlx::Error> {
    let no_answer = |_| {
        let text = format!("no answer within {} s", longest.as_secs_f64());
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
    };
    let connected = timeout(longest, PgConnection::connect_with(options)).await.map_err(no_answer);
    let connection = connected.and_then(|connected| connected).map_err(|error| located(error, options))?;
    connection.close().await
}

/// An error that says where the server was looked for.
fn located(error: sqlx::Error, options: &PgConnectOptions) -> sqlx::Error {
    let sqlx::Error::Io(cause) = error else { return error };
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    sqlx::Error::Io(io::Error::new(cause.kind(), format!("{place}: {cause}")))
}
