//! Transactions that remember which run has written last.

use sqlx::{Sqlite, Transaction};

use super::{lacks_something, rows};
use crate::job::error::BoxError;
use crate::job::fence::{Fence, FenceAnswer};
use crate::job::run_id::RunId;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS jobwatch_fence (job TEXT PRIMARY KEY, token INTEGER NOT NULL)";

impl Fence for Transaction<'_, Sqlite> {
    fn pass<'a>(&'a mut self, run: &'a RunId) -> FenceAnswer<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(pass(self, run).await?) })
    }
}

/// The first statement writes, so that a transaction which has only begun waits for others that
/// write, instead of being refused for what they wrote since.
async fn pass(transaction: &mut Transaction<'_, Sqlite>, run: &RunId) -> Result<bool, sqlx::Error> {
    match remember(transaction, run).await {
        Err(error) if lacks_something(&error) => {
            sqlx::query(TABLE).execute(&mut **transaction).await?;
            remember(transaction, run).await
        }
        answer => answer,
    }
}

async fn remember(transaction: &mut Transaction<'_, Sqlite>, run: &RunId) -> Result<bool, sqlx::Error> {
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
