//! Finds out whether a pooler between us and PostgreSQL forgets what a client has prepared, as
//! PgBouncer does with `pool_mode = transaction` before 1.21, or without `max_prepared_statements`.

use std::pin::pin;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

/// The codes of PostgreSQL for a prepared statement that it does not know, and for one that it
/// knows already: appendix A of its documentation.
const CODES: [&str; 2] = ["26000", "42P05"];

/// Whether an error says that a statement is not where it was prepared.
pub(super) fn is_forgetful(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| CODES.contains(&code.as_ref()))
}

/// Statements that get the same name, and what they answer.
const MINE: (&str, i32) = ("SELECT 1", 1);
const YOURS: (&str, i32) = ("SELECT 2", 2);

/// How often two connections are tried. Others' traffic decides which connections to the server the
/// pooler gives them.
const TRIES: usize = 8;

/// How long a pooler may take that has a connection to the server for us. One that takes longer has
/// none while another is in a transaction.
const SOON: Duration = Duration::from_millis(500);

/// Lets two connections prepare different statements, which get the same name, and execute them in
/// turns. Where they are given each other's connections to the server, each finds the other's
/// statement instead of its own, or none.
///
/// # Errors
///
/// If not even one connection can be had, or one is lost.
pub(super) async fn keeps_prepared(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut one = PgConnection::connect_with(options).await?;
    // A server that gives one connection has no pooler before it, or none that would matter.
    let Ok(mut other) = PgConnection::connect_with(options).await else {
        one.close().await?;
        return Ok(true);
    };
    let mut keeps = true;
    for _ in 0..TRIES {
        keeps = finds(&mut one, MINE).await? && finds(&mut other, YOURS).await?;
        if !keeps {
            break;
        }
        // The connection to the server that the other one has now is most likely the one that was
        // used last, and is not given to this one.
        sqlx::raw_sql("BEGIN").execute(&mut other).await?;
        let mut found = pin!(finds(&mut one, MINE));
        let soon = timeout(SOON, &mut found).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await?;
        let there_is_one = soon.is_err();
        keeps = match soon {
            Ok(found) => found?,
            Err(_) => found.await?,
        };
        if !keeps || there_is_one {
            break;
        }
    }
    one.close().await?;
    other.close().await?;
    Ok(keeps)
}

/// Whether a statement is what was prepared over this connection: it answers with its number.
async fn finds(
    connection: &mut PgConnection,
    (statement, number): (&'static str, i32),
) -> Result<bool, sqlx::Error> {
    match sqlx::query_scalar::<_, i32>(statement).fetch_one(connection).await {
        Ok(answer) => Ok(answer == number),
        Err(error) if is_forgetful(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
