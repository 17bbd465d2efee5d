//! The site's database: a file of SQLite, or PostgreSQL.

mod address;
mod error;
mod migrate;
mod pool;
mod schema;
mod vectors;

use std::future::Future;
use std::io;
use std::time::{Duration, Instant};

use jobwatch_runtime::store::{PostgresStore, SqliteStore};
use jobwatch_runtime::{JobError, RuntimeBuilder};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

pub use address::{Address, AddressError};
pub use error::DatabaseError;
pub use pool::Database;

/// A statement that takes longer than this is logged as slow.
const SLOW: Duration = Duration::from_secs(1);

/// This moment in SQLite, as its tables hold moments. It is the same throughout a statement.
pub(crate) const SQLITE_NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// How long PostgreSQL may take to accept the first connection.
const FIRST_CONNECTION: Duration = Duration::from_secs(10);

impl Database {
    /// Connects, and brings the tables up to date. Of replicas that start together, one does it and
    /// the others wait.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the database cannot be reached, or a later version has written it.
    pub async fn connect(address: &Address) -> Result<Self, DatabaseError> {
        let database = Self::open(address).await?;
        database.migrate().await?;
        Ok(database)
    }

    /// Connects, and leaves everything as it is.
    pub(crate) async fn open(address: &Address) -> Result<Self, DatabaseError> {
        Ok(match address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10));
                let pool = SqlitePoolOptions::new()
                    .max_connections(4)
                    // SQLite itself ends a transaction when the disk is full. The driver does not
                    // notice, and could begin no other on that connection.
                    .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
                    .connect_with(options)
                    .await?;
                Self::Sqlite(pool)
            }
            Address::Postgres(options) => {
                let options = options.as_ref().clone().application_name("clipper-jobs");
                reach(&options).await?;
                Self::Postgres(PgPoolOptions::new().max_connections(10).connect_with(options).await?)
            }
        })
    }

    /// Brings the tables up to date.
    pub(crate) async fn migrate(&self) -> Result<(), DatabaseError> {
        migrate::migrate(self, &schema::SCHEMA).await
    }

    /// Has a runtime keep what it knows beside the site's tables: in the same database, or in a
    /// second file of SQLite.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Store`].
    pub async fn keep(
        &self,
        runtime: RuntimeBuilder,
        address: &Address,
    ) -> Result<RuntimeBuilder, DatabaseError> {
        Ok(match (self, address) {
            (Self::Postgres(pool), _) => runtime.store(PostgresStore::new(pool.clone()).await?),
            (_, Address::Sqlite(path)) => {
                runtime.store(SqliteStore::open(path.with_added_extension("jobs")).await?)
            }
            (Self::Sqlite(_), Address::Postgres(_)) => runtime,
        })
    }
}

/// Makes one connection, to learn why none can be had: a pool only tells that it waited in vain.
async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let connection = tokio::time::timeout(FIRST_CONNECTION, PgConnection::connect_with(options));
    let no_answer = |_| {
        let text = format!("no answer within {} s", FIRST_CONNECTION.as_secs());
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
    };
    connection.await.map_err(no_answer)??.close().await
}

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
    result.map_err(|error| JobError::Retryable(format!("{what}: {error}")))
}
