//! Finds out whether a pooler between us and PostgreSQL forgets what a client has prepared, as
//! PgBouncer does with `pool_mode = transaction` before 1.21, or without `max_prepared_statements`.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

/// The codes of PostgreSQL for a prepared statement that it does not know, and for one that it
/// knows already: appendix A of its documentation.
const CODES: [&str; 2] = ["26000", "42P05"];

/// Whether an error says that a statement is not where it was prepared.
pub(super) fn is_forgetful(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| CODES.contains(&code.as_ref()))
}

/// Lets two connections prepare and execute the same in turns. Where they are given each other's
/// connections to the server, each finds the other's statements instead of its own.
///
/// # Errors
///
/// If not even one connection can be had.
pub(super) async fn keeps_prepared(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut one = PgConnection::connect_with(options).await?;
    // A server that gives one connection has no pooler before it, or none that would matter.
    let Ok(mut other) = PgConnection::connect_with(options).await else {
        one.close().await?;
        return Ok(true);
    };
    let mut keeps = true;
    for _ in 0..2 {
        for connection in [&mut one, &mut other] {
            let asked = sqlx::query("SELECT 1").execute(connection).await;
            keeps &= asked.err().filter(is_forgetful).is_none();
        }
    }
    one.close().await?;
    other.close().await?;
    Ok(keeps)
}
