//! Connections to the site's database.

use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;

/// A pool of connections to the site's database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file of SQLite, on one host.
    Sqlite(SqlitePool),
    /// PostgreSQL, for any number of replicas.
    Postgres(PgPool),
}
