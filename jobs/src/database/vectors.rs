//! A column for the nearest-neighbour search of PostgreSQL, where its extension pgvector is
//! installed.
//!
//! It is computed from the column with the plain numbers, so that whoever writes embeddings need
//! not know of it. Without an index the search is exact; an index of pgvector is for one number of
//! dimensions, which is the site's to decide.

use sqlx::{Connection, PgConnection};

const ADD: &str = include_str!("schema/vector_column.postgres.sql");
const IS_MISSING: &str = include_str!("schema/vector_is_missing.postgres.sql");

/// Adds the column if it is missing and the extension can be had. The site works without it.
///
/// # Errors
///
/// If the database cannot tell whether it has either.
pub(super) async fn need_column(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if !sqlx::query_scalar(IS_MISSING).persistent(false).fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let mut savepoint = connection.begin().await?;
    match sqlx::raw_sql(ADD).execute(&mut *savepoint).await {
        Ok(_) => savepoint.commit().await,
        Err(error) => {
            savepoint.rollback().await?;
            tracing::warn!(
                %error,
                "pgvector is installed and cannot be used; the next start tries again. \
                 If permission is missing, let the owner of the database execute CREATE EXTENSION vector"
            );
            Ok(())
        }
    }
}
