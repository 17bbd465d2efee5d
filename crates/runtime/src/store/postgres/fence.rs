//! Transactions that remember which run has written last.

use sqlx::{Postgres, Transaction};

use super::rows;
use super::tables::MIGRATION_LOCK;
use crate::job::error::BoxError;
use crate::job::fence::{Fence, FenceAnswer};
use crate::job::run_id::RunId;

impl Fence for Transaction<'_, Postgres> {
    fn pass<'a>(&'a mut self, run: &'a RunId) -> FenceAnswer<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(pass(self, run).await?) })
    }
}

async fn pass(transaction: &mut Transaction<'_, Postgres>, run: &RunId) -> Result<bool, sqlx::Error> {
    // Nothing stays prepared: the transaction may go through a pooler that does not take it along.
    let is_missing: bool = sqlx::query_scalar("SELECT to_regclass('jobwatch_fence') IS NULL")
        .persistent(false)
        .fetch_one(&mut **transaction)
        .await?;
    if is_missing {
        // Of runs that need it for the first time, one creates it and the others wait.
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(MIGRATION_LOCK)
            .persistent(false)
            .execute(&mut **transaction)
            .await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS jobwatch_fence (job text PRIMARY KEY, token bigint NOT NULL)",
        )
        .persistent(false)
        .execute(&mut **transaction)
        .await?;
    }
    let passed = sqlx::query(
        "INSERT INTO jobwatch_fence AS fence (job, token) VALUES ($1, $2) \
         ON CONFLICT (job) DO UPDATE SET token = excluded.token WHERE fence.token <= excluded.token",
    )
    .bind(run.job.as_str())
    .bind(rows::signed(run.token))
    .persistent(false)
    .execute(&mut **transaction)
    .await?;
    Ok(passed.rows_affected() > 0)
}
