//! Brings the tables up to date.

use super::error::DatabaseError;
use super::pool::Database;
use super::vectors;

const VERSION: i64 = 1;
const SQLITE: &str = include_str!("schema/sqlite.sql");
const POSTGRES: &str = include_str!("schema/postgres.sql");

/// Taken while tables are created. Any number that nobody else takes.
const LOCK: i64 = 0x636c_6970_7065_7221;

pub(super) async fn migrate(database: &Database) -> Result<(), DatabaseError> {
    match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
            if is_behind(found)? {
                sqlx::raw_sql(SQLITE).execute(&mut *transaction).await?;
                sqlx::query("PRAGMA user_version = 1").execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
            sqlx::query("CREATE TABLE IF NOT EXISTS clipper_schema (version bigint NOT NULL)")
                .execute(&mut *transaction)
                .await?;
            let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM clipper_schema")
                .fetch_one(&mut *transaction)
                .await?;
            if is_behind(found.unwrap_or(0))? {
                sqlx::raw_sql(POSTGRES).execute(&mut *transaction).await?;
                sqlx::query("INSERT INTO clipper_schema VALUES ($1)")
                    .bind(VERSION)
                    .execute(&mut *transaction)
                    .await?;
            }
            vectors::need_column(&mut transaction).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

fn is_behind(found: i64) -> Result<bool, DatabaseError> {
    if found > VERSION {
        return Err(DatabaseError::Later { found, known: VERSION });
    }
    Ok(found < VERSION)
}
