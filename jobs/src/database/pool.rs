//! Connections to the site's database.

use sqlx::sqlite::SqlitePool;

use super::connections::Connections;

/// A pool of connections to the site's database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file of SQLite, on one host.
    Sqlite(SqlitePool),
    /// PostgreSQL, for any number of replicas.
    Postgres(Connections),
}
