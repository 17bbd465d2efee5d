//! Whether a database is empty, as one has to be that the demo fills.

use clipper_jobs::database::{Address, Database};

/// A database that the demo must not fill.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is not empty, and the demo fills empty databases only; name another with DATABASE_URL, or unset it for a file of the demo's own"
)]
pub struct NotEmpty(String);

impl NotEmpty {
    pub(super) fn of(address: &Address) -> Self {
        Self(address.to_string())
    }
}

/// Makes sure that nothing is in a database.
pub(super) async fn check_empty(
    database: &Database,
    address: &Address,
) -> Result<Result<(), NotEmpty>, sqlx::Error> {
    let tables: i64 = match database {
        Database::Sqlite(pool) => {
            sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(pool).await?
        }
        Database::Postgres(pool) => {
            let query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false))";
            sqlx::query_scalar(query).fetch_one(pool).await?
        }
    };
    Ok(if tables == 0 { Ok(()) } else { Err(NotEmpty::of(address)) })
}
