//! The site's database: a file of SQLite, or PostgreSQL.

mod address;
mod connections;
mod dialect;
mod error;
mod migrate;
mod pool;
mod pooler;
mod reach;
mod schema;
mod share;
mod statement;
mod timed;
mod trouble;
mod vectors;

use std::time::Duration;

use futures_util::TryFutureExt;
use jobwatch_runtime::RuntimeBuilder;
use jobwatch_runtime::store::{PostgresStore, SqliteStore, open_sqlite};
use sqlx::sqlite::SqliteConnectOptions;

pub use address::{Address, AddressError};
pub use connections::Connections;
pub(crate) use dialect::Dialect;
pub use error::DatabaseError;
pub use pool::Database;
pub(crate) use reach::within;
pub(crate) use statement::{Statement, Value};
pub(crate) use timed::timed;

/// How long it may take until the tables can be used. Large ones may have to be brought up to date,
/// by this process or by another that is waited for.
const LONGEST_START: Duration = Duration::from_secs(3_600);

/// How many connections to PostgreSQL the jobs have at most, unless it is said otherwise. A job
/// takes one at a time, and counting a queue one more.
const CONNECTIONS: u32 = 10;

/// How many connections to a file of SQLite are of use: one writes at a time.
const FILE_CONNECTIONS: u32 = 4;

impl Database {
    /// Connects, and brings the tables up to date. Of replicas that start together, one does it and
    /// the others wait.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the database cannot be reached, or a later version has written it.
    pub async fn connect(address: &Address) -> Result<Self, DatabaseError> {
        Self::connect_with(address, CONNECTIONS).await
    }

    /// As [`Self::connect`], with so many connections at most to a server of PostgreSQL. A file of
    /// SQLite has as many as are of use.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_with(address: &Address, connections: u32) -> Result<Self, DatabaseError> {
        within(LONGEST_START, async {
            let database = Self::open(address, connections).await?;
            database.migrate().await?;
            Ok(database)
        })
        .await
    }

    /// Connects, and leaves everything as it is.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the database cannot be reached or opened.
    pub async fn open(address: &Address, connections: u32) -> Result<Self, DatabaseError> {
        Ok(match address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10));
                let opened = open_sqlite(options, FILE_CONNECTIONS).await;
                Self::Sqlite(opened.map_err(|source| DatabaseError::File { file: path.clone(), source })?)
            }
            Address::Postgres(options) => Self::Postgres(Connections::open(options, connections).await?),
        })
    }

    /// Brings the tables up to date, as [`Self::connect`] does.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        migrate::migrate(self, &schema::SCHEMA).await
    }

    /// Has a runtime keep what it knows, with so many runs of each job, beside the site's tables:
    /// in the same database over connections of its own, or in a second file of SQLite.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Store`].
    pub async fn keep(
        &self,
        runtime: RuntimeBuilder,
        address: &Address,
        runs: usize,
    ) -> Result<RuntimeBuilder, DatabaseError> {
        Ok(match (self, address) {
            (Self::Postgres(connections), _) => {
                let pool = connections.of_runtime().await?;
                let store = PostgresStore::new(pool).map_err(DatabaseError::from);
                let store = within(LONGEST_START, store).await?;
                let store = store.in_transactions(!connections.keeps_prepared());
                runtime.store(store.remembering(runs))
            }
            (_, Address::Sqlite(path)) => {
                let store = SqliteStore::open(path.with_added_extension("jobs")).await?;
                runtime.store(store.remembering(runs))
            }
            (Self::Sqlite(_), Address::Postgres(_)) => runtime,
        })
    }

    /// What is wrong with the server, if anything is, in words that anybody may read.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(connections) => connections.trouble(),
        }
    }

    /// Asks the server from time to time whether it is there, for ever.
    pub(crate) async fn watch(&self) {
        if let Self::Postgres(connections) = self {
            connections.watch().await;
        }
    }
}
