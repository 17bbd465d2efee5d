//! A column for the nearest-neighbour search of PostgreSQL, where its extension pgvector is
//! installed.
//!
//! It is computed from the column with the plain numbers, so that whoever writes embeddings need
//! not know of it. Without an index the search is exact; an index of pgvector is for one number of
//! dimensions, which is the site's to decide.

use sqlx::{Connection, PgConnection};

const ADD: &str = "SET LOCAL lock_timeout = '5s';
     CREATE EXTENSION IF NOT EXISTS vector;
     ALTER TABLE clips ADD COLUMN embedding_vector vector GENERATED ALWAYS AS (embedding::vector) STORED;";

/// Adds the column if it is missing and the extension can be had. The site works without it.
///
/// # Errors
///
/// If the database cannot tell whether it has either.
pub(super) async fn need_column(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let missing = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')
        AND NOT EXISTS (SELECT FROM pg_attribute
                        WHERE attrelid = 'clips'::regclass AND attname = 'embedding_vector' AND NOT attisdropped)";
    if !sqlx::query_scalar(missing).persistent(false).fetch_one(&mut *connection).await? {
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
