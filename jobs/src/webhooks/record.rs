//! What becomes of deliveries that were attempted.

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;
use sqlx::AssertSqlSafe;

use super::deliver::Verdict;
use super::queue::{BURY, Delivery};
use crate::database::{Database, timed};

/// An attempt that has ended.
pub(super) type Attempt = (Delivery, Verdict);

const OF_CLAIM: &str = "id = $5 AND claim = $6";
const DISABLE: &str = "UPDATE webhook_subscriptions SET is_active = (1 = 0), disabled_reason = $1 \
     WHERE id = (SELECT subscription_id FROM webhook_deliveries WHERE id = $2 AND claim = $3)";
const POSTPONE: &str = "UPDATE webhook_deliveries SET attempts = attempts + 1, last_status_code = $1, last_error = $2, \
     next_attempt_at = $3, claim = NULL, claimed_until = NULL WHERE id = $4 AND claim = $5";
const WAIT: &str = "UPDATE webhook_deliveries SET next_attempt_at = $1 WHERE id = $2 AND claim = $3";

/// The deliveries themselves are gone, or free again. Their ids are `$1`, in the form that the
/// database takes a list in.
const END_SQLITE: [&str; 2] = [
    "DELETE FROM webhook_deliveries WHERE id IN (SELECT value FROM json_each($1)) AND claim = $2",
    "UPDATE webhook_deliveries SET claim = NULL, claimed_until = NULL \
     WHERE id IN (SELECT value FROM json_each($1)) AND claim = $2",
];
const END_POSTGRES: [&str; 2] = [
    "DELETE FROM webhook_deliveries WHERE id = ANY($1) AND claim = $2",
    "UPDATE webhook_deliveries SET claim = NULL, claimed_until = NULL WHERE id = ANY($1) AND claim = $2",
];

/// Records what became of attempts, of those deliveries that nobody else has taken over since.
/// Together, since a database takes as long to commit many as one; if that fails, each by itself,
/// so that one that cannot be recorded does not keep the others from it.
///
/// # Errors
///
/// What the database says of the last that could not be recorded.
pub(super) async fn record(
    database: &Database,
    claim: &str,
    attempts: &[Attempt],
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let together = record_together(database, claim, attempts, now).await;
    if together.is_ok() || attempts.len() == 1 {
        return together;
    }
    let mut result = Ok(());
    for attempt in attempts {
        if let Err(error) = record_together(database, claim, std::slice::from_ref(attempt), now).await {
            result = Err(error);
        }
    }
    result
}

async fn record_together(
    database: &Database,
    claim: &str,
    attempts: &[Attempt],
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let bury = || AssertSqlSafe(format!("{BURY}{OF_CLAIM}"));
    timed("record deliveries", async {
        match database {
            Database::Sqlite(pool) => {
                let now = now.timestamp_millis();
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                for (Delivery { id, .. }, verdict) in attempts {
                    match verdict {
                        Verdict::Delivered | Verdict::NotTried => {}
                        Verdict::Again { status, error, at } => {
                            let query = sqlx::query(POSTPONE).bind(*status).bind(error);
                            let query = query.bind(at.timestamp_millis()).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::LeftAlone { until } => {
                            let query = sqlx::query(WAIT).bind(until.timestamp_millis()).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::Dead { status, error } => {
                            let query = sqlx::query(bury()).bind(1).bind(*status).bind(error);
                            query.bind(now).bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                        Verdict::Gone { error } => {
                            let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                            disable.execute(&mut *transaction).await?;
                            let query = sqlx::query(bury()).bind(1).bind(410).bind(error);
                            query.bind(now).bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                    }
                }
                for (statement, ids) in END_SQLITE.into_iter().zip(ended(attempts)) {
                    if !ids.is_empty() {
                        let ids = serde_json::Value::from(ids).to_string();
                        sqlx::query(statement).bind(ids).bind(claim).execute(&mut *transaction).await?;
                    }
                }
                transaction.commit().await
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                for (Delivery { id, .. }, verdict) in attempts {
                    match verdict {
                        Verdict::Delivered | Verdict::NotTried => {}
                        Verdict::Again { status, error, at } => {
                            let query = sqlx::query(POSTPONE).bind(status.map(i64::from)).bind(error);
                            query.bind(at).bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                        Verdict::LeftAlone { until } => {
                            let query = sqlx::query(WAIT).bind(until).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::Dead { status, error } => {
                            let query = sqlx::query(bury()).bind(1_i64).bind(status.map(i64::from));
                            let query = query.bind(error).bind(now).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::Gone { error } => {
                            let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                            disable.execute(&mut *transaction).await?;
                            let query = sqlx::query(bury()).bind(1_i64).bind(410_i64).bind(error);
                            query.bind(now).bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                    }
                }
                for (statement, ids) in END_POSTGRES.into_iter().zip(ended(attempts)) {
                    if !ids.is_empty() {
                        sqlx::query(statement).bind(ids).bind(claim).execute(&mut *transaction).await?;
                    }
                }
                transaction.commit().await
            }
        }
    })
    .await
}

/// The ids of what is done with, and of what was not tried. What is to be tried again has been
/// freed with its new time.
fn ended(attempts: &[Attempt]) -> [Vec<i64>; 2] {
    let ids = |matches: fn(&Verdict) -> bool| {
        attempts.iter().filter(|(_, verdict)| matches(verdict)).map(|(delivery, _)| delivery.id).collect()
    };
    [
        ids(|verdict| matches!(verdict, Verdict::Delivered | Verdict::Dead { .. } | Verdict::Gone { .. })),
        ids(|verdict| matches!(verdict, Verdict::NotTried | Verdict::LeftAlone { .. })),
    ]
}
