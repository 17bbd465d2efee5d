//! The site's database: a file of SQLite, or PostgreSQL.

mod address;
mod migrate;
mod vectors;

use std::future::Future;
use std::time::{Duration, Instant};

use jobwatch_runtime::store::{PostgresStore, SqliteStore, StoreError};
use jobwatch_runtime::{JobError, RuntimeBuilder};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

pub use address::{Address, AddressError};

/// A statement that takes longer than this is logged as slow.
const SLOW: Duration = Duration::from_secs(1);

/// A pool of connections to the site's database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file of SQLite, on one host.
    Sqlite(SqlitePool),
    /// PostgreSQL, for any number of replicas.
    Postgres(PgPool),
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be reached, or refuses what it is asked for.
    #[error("the database cannot be used: {0}")]
    Sql(#[from] sqlx::Error),
    /// A later version of the service has written it.
    #[error("the tables are of version {found}, and this service knows {known}: update it")]
    Later {
        /// The version that the database has.
        found: i64,
        /// The version that this service has.
        known: i64,
    },
    /// What the runtime keeps cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// Connects, and brings the tables up to date. Of replicas that start together, one does it and the others wait.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the database cannot be reached, or a later version has written it.
    pub async fn connect(address: &Address) -> Result<Self, DatabaseError> {
        let database = match address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10));
                Self::Sqlite(SqlitePoolOptions::new().max_connections(4).connect_with(options).await?)
            }
            Address::Postgres(options) => {
                let options = options.as_ref().clone().application_name("clipper-jobs");
                Self::Postgres(PgPoolOptions::new().max_connections(10).connect_with(options).await?)
            }
        };
        migrate::migrate(&database).await?;
        Ok(database)
    }

    /// Has a runtime keep what it knows beside the site's tables: in the same database, or in a second file of SQLite.
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

/// Runs a statement, and logs it if it takes long.
pub(crate) async fn timed<T>(
    what: &'static str,
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, JobError> {
    let begun = Instant::now();
    let result = statement.await;
    let took = begun.elapsed();
    if took > SLOW {
        // As a number of 128 bits, it would be a text in the log, which nobody can compare.
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(what, milliseconds, "slow query");
    }
    // A database that is away now may be back with the next attempt.
    result.map_err(|error| JobError::Retryable(format!("{what}: {error}")))
}
