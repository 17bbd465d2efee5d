//! What becomes of deliveries that were attempted.

use jobwatch_runtime::JobError;
use sqlx::AssertSqlSafe;

use super::bury;
use super::deliver::Verdict;
use super::queue::Delivery;
use crate::database::{Database, SQLITE_NOW, timed};

/// An attempt that has ended.
pub(super) type Attempt = (Delivery, Verdict);

const OF_CLAIM: &str = "id = $4 AND claim = $5";
const DISABLE: &str = "UPDATE webhook_subscriptions SET is_active = (1 = 0), disabled_reason = $1 \
     WHERE id = (SELECT subscription_id FROM webhook_deliveries WHERE id = $2 AND claim = $3)";

/// A moment so many milliseconds from now, by the database's clock: replicas need not agree about
/// the time.
const LATER_POSTGRES: &str = "now() + $1::bigint * interval '1 millisecond'";

fn later_sqlite() -> String {
    format!("{SQLITE_NOW} + $1")
}

/// Frees a delivery until later, after one attempt more.
fn postpone(later: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "UPDATE webhook_deliveries SET attempts = attempts + 1, last_status_code = $2, last_error = $3, \
         next_attempt_at = {later}, claim = NULL, claimed_until = NULL WHERE id = $4 AND claim = $5"
    ))
}

/// Has a delivery wait, which is no attempt.
fn wait(later: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "UPDATE webhook_deliveries SET next_attempt_at = {later} WHERE id = $2 AND claim = $3"
    ))
}

/// The deliveries that were made are gone, and those that were not tried are free again. Their ids
/// are `$1`, in the form that the database takes a list in.
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
pub(super) async fn record(database: &Database, claim: &str, attempts: &[Attempt]) -> Result<(), JobError> {
    let together = record_together(database, claim, attempts).await;
    if together.is_ok() || attempts.len() == 1 {
        return together;
    }
    let mut result = Ok(());
    for attempt in attempts {
        if let Err(error) = record_together(database, claim, std::slice::from_ref(attempt)).await {
            result = Err(error);
        }
    }
    result
}

async fn record_together(database: &Database, claim: &str, attempts: &[Attempt]) -> Result<(), JobError> {
    timed("record deliveries", async {
        match database {
            Database::Sqlite(pool) => {
                let later = later_sqlite();
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                for (Delivery { id, .. }, verdict) in attempts {
                    if let Verdict::Gone { error } = verdict {
                        let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                        disable.execute(&mut *transaction).await?;
                    }
                    match verdict {
                        Verdict::Delivered | Verdict::NotTried => {}
                        Verdict::Again { status, error, wait } => {
                            let query = sqlx::query(postpone(&later)).bind(wait.num_milliseconds());
                            let query = query.bind(*status).bind(error).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::LeftAlone { wait: time } => {
                            let query = sqlx::query(wait(&later)).bind(time.num_milliseconds());
                            query.bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                        Verdict::Dead { error, .. } | Verdict::Gone { error } => {
                            for statement in bury::sqlite(OF_CLAIM) {
                                let query =
                                    sqlx::query(AssertSqlSafe(statement)).bind(1).bind(status(verdict));
                                let query = query.bind(error).bind(id).bind(claim);
                                query.execute(&mut *transaction).await?;
                            }
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
                    if let Verdict::Gone { error } = verdict {
                        let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                        disable.execute(&mut *transaction).await?;
                    }
                    match verdict {
                        Verdict::Delivered | Verdict::NotTried => {}
                        Verdict::Again { status, error, wait } => {
                            let query = sqlx::query(postpone(LATER_POSTGRES)).bind(wait.num_milliseconds());
                            let query = query.bind(status.map(i64::from)).bind(error).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
                        }
                        Verdict::LeftAlone { wait: time } => {
                            let query = sqlx::query(wait(LATER_POSTGRES)).bind(time.num_milliseconds());
                            query.bind(id).bind(claim).execute(&mut *transaction).await?;
                        }
                        Verdict::Dead { error, .. } | Verdict::Gone { error } => {
                            let query = sqlx::query(AssertSqlSafe(bury::postgres(OF_CLAIM))).bind(1_i64);
                            let query = query.bind(status(verdict)).bind(error).bind(id).bind(claim);
                            query.execute(&mut *transaction).await?;
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

/// The status that a delivery was given up with, if it was given one.
fn status(verdict: &Verdict) -> Option<i64> {
    match verdict {
        Verdict::Dead { status, .. } => status.map(i64::from),
        Verdict::Gone { .. } => Some(410),
        _ => None,
    }
}

/// The ids of what was delivered, and of what was not tried. What is to be tried again has been freed
/// with its new time, and what was given up is moved.
fn ended(attempts: &[Attempt]) -> [Vec<i64>; 2] {
    let ids = |matches: fn(&Verdict) -> bool| {
        attempts.iter().filter(|(_, verdict)| matches(verdict)).map(|(delivery, _)| delivery.id).collect()
    };
    [
        ids(|verdict| matches!(verdict, Verdict::Delivered)),
        ids(|verdict| matches!(verdict, Verdict::NotTried | Verdict::LeftAlone { .. })),
    ]
}
