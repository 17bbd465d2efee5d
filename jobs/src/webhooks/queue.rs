//! The deliveries in the database: who is at which, and what becomes of them.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_runtime::JobError;
use reqwest::Url;
use sqlx::{AssertSqlSafe, FromRow};

use super::Limits;
use super::deliver::Verdict;
use crate::database::{Database, timed};

/// A delivery that is to be attempted now. Never shown with its secret or its payload.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) message_id: String,
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) payload: String,
    pub(super) attempts: i64,
    #[sqlx(default)]
    pub(super) claim: String,
}

impl Delivery {
    /// The host that it goes to, with its port, or nothing that could be one.
    pub(super) fn host(&self) -> String {
        let url = self.url.parse::<Url>().ok();
        let place = url.and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
        place.map(|(host, port)| format!("{host}:{port}")).unwrap_or_default()
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message_id", &self.message_id)
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

/// Claims deliveries that are due: nobody else may attempt them until the claim runs out.
pub(super) async fn claim(
    database: &Database,
    claim: &str,
    limits: Limits,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>, JobError> {
    let until = now + TimeDelta::from_std(limits.claim()).unwrap_or(TimeDelta::MAX);
    let mut claimed: Vec<Delivery> = match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query_as(include_str!("claim.sqlite.sql")).bind(claim);
            let query = query.bind(now.timestamp_millis()).bind(until.timestamp_millis()).bind(limits.batch);
            timed("claim deliveries", query.fetch_all(pool)).await?
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as(include_str!("claim.postgres.sql")).bind(claim);
            let query = query.bind(now).bind(until).bind(i64::from(limits.batch));
            timed("claim deliveries", query.fetch_all(pool)).await?
        }
    };
    for delivery in &mut claimed {
        claim.clone_into(&mut delivery.claim);
    }
    Ok(claimed)
}

const BURY: &str = "INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, \
     last_status_code, last_error, created_at, died_at) \
     SELECT message_id, subscription_id, event_type, payload, attempts + $1, $2, $3, created_at, $4 \
     FROM webhook_deliveries WHERE ";
const OF_CLAIM: &str = "id = $5 AND claim = $6";
const OF_INACTIVE: &str = "subscription_id IN (SELECT id FROM webhook_subscriptions WHERE NOT is_active) \
     AND next_attempt_at <= $4 AND (claimed_until IS NULL OR claimed_until <= $4)";
const DISABLE: &str = "UPDATE webhook_subscriptions SET is_active = (1 = 0), disabled_reason = $1 \
     WHERE id = (SELECT subscription_id FROM webhook_deliveries WHERE id = $2 AND claim = $3)";
const POSTPONE: &str = "UPDATE webhook_deliveries SET attempts = attempts + 1, last_status_code = $1, last_error = $2, \
     next_attempt_at = $3, claim = NULL, claimed_until = NULL WHERE id = $4 AND claim = $5";

const WAIT: &str = "UPDATE webhook_deliveries SET next_attempt_at = $1 WHERE id = $2 AND claim = $3";

/// Records what became of an attempt, if nobody else has taken the delivery over since.
pub(super) async fn record(
    database: &Database,
    delivery: &Delivery,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    timed("record a delivery", async {
        match database {
            Database::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let (id, claim) = (delivery.id, &delivery.claim);
                match verdict {
                    Verdict::Delivered | Verdict::NotTried => {}
                    Verdict::Again { status, error, at } => {
                        let query =
                            sqlx::query(POSTPONE).bind(*status).bind(error).bind(at.timestamp_millis());
                        query.bind(id).bind(claim).execute(&mut *transaction).await?;
                    }
                    Verdict::LeftAlone { until } => {
                        let query = sqlx::query(WAIT).bind(until.timestamp_millis()).bind(id).bind(claim);
                        query.execute(&mut *transaction).await?;
                    }
                    Verdict::Dead { status, error } => {
                        let bury =
                            sqlx::query(AssertSqlSafe(format!("{BURY}{OF_CLAIM}"))).bind(1).bind(*status);
                        let bury = bury.bind(error).bind(now.timestamp_millis()).bind(id).bind(claim);
                        bury.execute(&mut *transaction).await?;
                    }
                    Verdict::Gone { error } => {
                        let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                        disable.execute(&mut *transaction).await?;
                        let bury = sqlx::query(AssertSqlSafe(format!("{BURY}{OF_CLAIM}"))).bind(1).bind(410);
                        let bury = bury.bind(error).bind(now.timestamp_millis()).bind(id).bind(claim);
                        bury.execute(&mut *transaction).await?;
                    }
                }
                let end = sqlx::query(end(verdict)).bind(id).bind(claim);
                end.execute(&mut *transaction).await?;
                transaction.commit().await
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                let (id, claim) = (delivery.id, &delivery.claim);
                match verdict {
                    Verdict::Delivered | Verdict::NotTried => {}
                    Verdict::Again { status, error, at } => {
                        let query = sqlx::query(POSTPONE).bind(status.map(i64::from)).bind(error).bind(at);
                        query.bind(id).bind(claim).execute(&mut *transaction).await?;
                    }
                    Verdict::LeftAlone { until } => {
                        let query = sqlx::query(WAIT).bind(until).bind(id).bind(claim);
                        query.execute(&mut *transaction).await?;
                    }
                    Verdict::Dead { status, error } => {
                        let bury = sqlx::query(AssertSqlSafe(format!("{BURY}{OF_CLAIM}"))).bind(1_i64);
                        let bury =
                            bury.bind(status.map(i64::from)).bind(error).bind(now).bind(id).bind(claim);
                        bury.execute(&mut *transaction).await?;
                    }
                    Verdict::Gone { error } => {
                        let disable = sqlx::query(DISABLE).bind(error).bind(id).bind(claim);
                        disable.execute(&mut *transaction).await?;
                        let bury = sqlx::query(AssertSqlSafe(format!("{BURY}{OF_CLAIM}"))).bind(1_i64);
                        let bury = bury.bind(410_i64).bind(error).bind(now).bind(id).bind(claim);
                        bury.execute(&mut *transaction).await?;
                    }
                }
                let end = sqlx::query(end(verdict)).bind(id).bind(claim);
                end.execute(&mut *transaction).await?;
                transaction.commit().await
            }
        }
    })
    .await
}

/// What is left to do with the delivery itself: it is gone, or free again.
const fn end(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered | Verdict::Dead { .. } | Verdict::Gone { .. } => {
            "DELETE FROM webhook_deliveries WHERE id = $1 AND claim = $2"
        }
        Verdict::NotTried | Verdict::Again { .. } | Verdict::LeftAlone { .. } => {
            "UPDATE webhook_deliveries SET claim = NULL, claimed_until = NULL WHERE id = $1 AND claim = $2"
        }
    }
}

/// Makes dead letters of what is due for subscriptions that are not active, so that it does not wait for ever. Answers how many.
pub(super) async fn bury_inactive(database: &Database, now: DateTime<Utc>) -> Result<u64, JobError> {
    let bury = format!("{BURY}{OF_INACTIVE}");
    let reason = "the subscription is not active";
    // What has been buried is found among the dead letters, so that nothing is deleted that was not.
    let delete =
        "DELETE FROM webhook_deliveries WHERE message_id IN (SELECT message_id FROM webhook_dead_letters)";
    timed("bury deliveries of inactive subscriptions", async {
        match database {
            Database::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let bury = sqlx::query(AssertSqlSafe(bury)).bind(0).bind(None::<i64>).bind(reason);
                let buried =
                    bury.bind(now.timestamp_millis()).execute(&mut *transaction).await?.rows_affected();
                if buried > 0 {
                    sqlx::query(delete).execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
                Ok(buried)
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                let bury = sqlx::query(AssertSqlSafe(bury)).bind(0_i64).bind(None::<i64>).bind(reason);
                let buried = bury.bind(now).execute(&mut *transaction).await?.rows_affected();
                if buried > 0 {
                    sqlx::query(delete).execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
                Ok(buried)
            }
        }
    })
    .await
}

/// How many deliveries are due or waiting.
///
/// # Errors
///
/// What the database says.
pub async fn size(database: &Database) -> Result<u64, JobError> {
    let count = "SELECT count(*) FROM webhook_deliveries";
    let size: i64 = match database {
        Database::Sqlite(pool) => {
            timed("count deliveries", sqlx::query_scalar(count).fetch_one(pool)).await?
        }
        Database::Postgres(pool) => {
            timed("count deliveries", sqlx::query_scalar(count).fetch_one(pool)).await?
        }
    };
    Ok(size.unsigned_abs())
}
