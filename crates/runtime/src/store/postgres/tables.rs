//! The tables, which whoever comes first creates or brings up to date.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use super::lent::Lender;
use crate::store::StoreError;
use crate::store::version::Tables;

/// The version of the tables, in `jobwatch_schema`.
pub(super) const VERSION: i32 = 3;
/// The tables, where they are missing.
const SCHEMA: &str = include_str!("schema.sql");
/// What earlier versions lacked, where it is missing.
const UPDATES: &str = "ALTER TABLE jobwatch_run ADD COLUMN IF NOT EXISTS reason text,
        ADD COLUMN IF NOT EXISTS idempotency_key text;
    ALTER TABLE jobwatch_job ADD COLUMN IF NOT EXISTS expected_since timestamptz,
        ADD COLUMN IF NOT EXISTS disabled boolean NOT NULL DEFAULT false;";

/// Taken while tables are created. Any number that nobody else takes.
pub(super) const MIGRATION_LOCK: i64 = 0x6a6f_6277_6174_6368;

/// Creates the tables that are not there, and brings those of an earlier version up to date.
pub(super) async fn look_after(lender: &Lender) -> Result<Tables<i32>, StoreError> {
    let mut lent = lender.lend().await.map_err(StoreError::to("create its tables"))?;
    let found = look_after_over(&mut lent).await;
    lent.answered();
    found
}

async fn look_after_over(connection: &mut PgConnection) -> Result<Tables<i32>, StoreError> {
    let failed = StoreError::to("create its tables");
    let mut transaction = connection.begin().await.map_err(&failed)?;
    // It ends with the transaction, whatever becomes of this process or of the connection.
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .persistent(false)
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
    let missing: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM unnest(ARRAY['jobwatch_schema', 'jobwatch_job', 'jobwatch_run']) AS name \
         WHERE to_regclass(name) IS NULL",
    )
    .persistent(false)
    .fetch_all(&mut *transaction)
    .await
    .map_err(&failed)?;
    let mut found = None;
    if !missing.iter().any(|table| table == "jobwatch_schema") {
        // No version before this one has had the second column.
        found = sqlx::query_as::<_, (i32, Option<i32>)>(
            "SELECT version, (to_jsonb(known) ->> 'oldest')::integer FROM jobwatch_schema AS known \
             ORDER BY version DESC LIMIT 1",
        )
        .persistent(false)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(&failed)?;
    }
    if let Some((version, oldest)) = found.filter(|(version, _)| *version > VERSION) {
        return Ok(Tables::Later { version, oldest });
    }
    if missing.is_empty() && found.is_some_and(|(version, _)| version == VERSION) {
        return Ok(Tables::Current);
    }
    let statements = [SCHEMA, UPDATES, "DELETE FROM jobwatch_schema"].join("\n");
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *transaction).await.map_err(&failed)?;
    sqlx::query("INSERT INTO jobwatch_schema (version) VALUES ($1)")
        .bind(VERSION)
        .persistent(false)
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
    transaction.commit().await.map_err(&failed)?;
    let all_are_new = missing.len() == 3 || missing.is_empty();
    Ok(if all_are_new { Tables::Current } else { Tables::Missed(missing.join(", ")) })
}
