//! Transactions that remember which run has written last.

use sqlx::{Sqlite, Transaction};

use super::rows;
use crate::job::error::BoxError;
use crate::job::fence::{Fence, FenceAnswer};
use crate::job::run_id::RunId;

impl Fence for Transaction<'_, Sqlite> {
    fn pass<'a>(&'a mut self, run: &'a RunId) -> FenceAnswer<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(pass(self, run).await?) })
    }
}

async fn pass(transaction: &mut Transaction<'_, Sqlite>, run: &RunId) -> Result<bool, sqlx::Error> {
    sqlx::query("CREATE TABLE IF NOT EXISTS jobwatch_fence (job TEXT PRIMARY KEY, token INTEGER NOT NULL)")
        .execute(&mut **transaction)
        .await?;
    let passed = sqlx::query(
        "INSERT INTO jobwatch_fence (job, token) VALUES (?, ?) \
         ON CONFLICT (job) DO UPDATE SET token = excluded.token WHERE token <= excluded.token",
    )
    .bind(run.job.as_str())
    .bind(rows::signed(run.token))
    .execute(&mut **transaction)
    .await?;
    Ok(passed.rows_affected() > 0)
}
