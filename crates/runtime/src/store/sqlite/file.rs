//! A file of SQLite that several processes use, and may be creating in the same instant.

use std::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use tokio::time::Instant;

/// How long another process may take to create the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a file with a write-ahead log, which is created if it is not there, for so many
/// connections at most. Of processes that create it together, one does it and the others wait for
/// up to 5 s.
///
/// # Errors
///
/// If the file cannot be opened, is no database, or is kept by somebody else for longer than that.
pub async fn open_sqlite(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, sqlx::Error> {
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    // Who turns the write-ahead log on is refused at once while somebody else does so, however long
    // SQLite may wait otherwise.
    let give_up = Instant::now() + PATIENCE;
    let mut wait = Duration::from_millis(5);
    loop {
        let connected = SqlitePoolOptions::new()
            .max_connections(connections)
            // SQLite itself ends a transaction when the disk is full. The driver does not notice,
            // and could begin no other on that connection.
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await;
        match connected {
            Err(error) if is_busy(&error) && Instant::now() + wait < give_up => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_millis(100));
            }
            connected => return connected,
        }
    }
}

/// Whether somebody else has the file at this moment.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code());
    // The low byte of a code is its kind; the others say more.
    code.and_then(|code| code.parse().ok()).is_some_and(|code: u32| code & 0xff == SQLITE_BUSY)
}
