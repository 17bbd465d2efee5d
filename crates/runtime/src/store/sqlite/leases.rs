//! Claims and completions, within a transaction.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::rows;
use crate::store::outcome_columns::OutcomeColumns;
use crate::store::row::repeated;
use crate::store::{Claim, Claimed, Completion, JobState, RunRecord};

/// Decides about a claim. So many runs of the job are remembered.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    claim: Claim<'_>,
    remembered: usize,
    now: DateTime<Utc>,
) -> Result<Claimed, sqlx::Error> {
    let mut row = rows::read(connection, claim.job, now).await?;
    if claim.request.idempotency_key.is_some() {
        let history = rows::history(connection, claim.job, u64::MAX, now).await?;
        if let Some(run) = repeated(history, claim) {
            return Ok(Claimed::Repeated(run));
        }
    }
    let (claimed, lost) = row.claim(claim, now);
    if let Some(lost) = lost {
        rows::record(connection, &lost).await?;
        rows::forget(connection, claim.job, lost.id.token, remembered).await?;
    }
    rows::write(connection, claim.job, &row).await?;
    Ok(rows::rounded(claimed))
}

/// Takes note of the end of a run. So many runs of the job are remembered.
pub(super) async fn complete(
    connection: &mut SqliteConnection,
    completion: Completion<'_>,
    remembered: usize,
    now: DateTime<Utc>,
) -> Result<Option<JobState>, sqlx::Error> {
    let job = &completion.lease.job;
    let mut row = rows::read(connection, job, now).await?;
    match row.complete(completion, now) {
        Some(record) => {
            rows::record(connection, &record).await?;
            rows::forget(connection, job, record.id.token, remembered).await?;
            rows::write(connection, job, &row).await?;
        }
        None => {
            let token = completion.lease.token;
            let run = rows::history(connection, job, token, now).await?;
            let is_same = |run: &RunRecord| {
                // The tables keep times less finely than the run told them.
                run.id.token == token
                    && OutcomeColumns::from(&run.outcome) == OutcomeColumns::from(completion.outcome)
            };
            if !run.first().is_some_and(is_same) {
                return Ok(None);
            }
        }
    }
    Ok(Some(rows::read(connection, job, now).await?.state(now)))
}
