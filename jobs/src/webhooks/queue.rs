//! The deliveries in the database: who is at which, and what becomes of them.

use std::fmt;

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;
use reqwest::Url;
use sqlx::{AssertSqlSafe, FromRow};

use super::limits::CLAIM;
use crate::database::{Database, timed};

/// A delivery that is to be attempted now. Never shown with its secret or its payload.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) message_id: String,
    pub(super) subscription_id: i64,
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) payload: String,
    pub(super) attempts: i64,
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

/// Claims so many deliveries that are due, for any subscription but some: nobody else may attempt
/// them until the claim runs out.
pub(super) async fn claim(
    database: &Database,
    claim: &str,
    most: u32,
    except: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>, JobError> {
    let until = now + CLAIM;
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query_as(include_str!("claim.sqlite.sql")).bind(claim);
            let query = query.bind(now.timestamp_millis()).bind(until.timestamp_millis()).bind(most);
            let query = query.bind(serde_json::Value::from(except).to_string());
            timed("claim deliveries", query.fetch_all(pool)).await
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as(include_str!("claim.postgres.sql")).bind(claim);
            let query = query.bind(now).bind(until).bind(i64::from(most)).bind(except);
            timed("claim deliveries", query.fetch_all(pool)).await
        }
    }
}

/// Copies deliveries that fulfil a condition to the dead letters: `$1` attempts more, `$2` status,
/// `$3` error, `$4` now.
pub(super) const BURY: &str = "INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, \
     last_status_code, last_error, created_at, died_at) \
     SELECT message_id, subscription_id, event_type, payload, attempts + $1, $2, $3, created_at, $4 \
     FROM webhook_deliveries WHERE ";
const OF_INACTIVE: &str = "subscription_id IN (SELECT id FROM webhook_subscriptions WHERE NOT is_active) \
     AND next_attempt_at <= $4 AND (claimed_until IS NULL OR claimed_until <= $4)";

/// Makes dead letters of what is due for subscriptions that are not active, so that it does not
/// wait for ever. Answers how many.
pub(super) async fn bury_inactive(database: &Database, now: DateTime<Utc>) -> Result<u64, JobError> {
    let bury = format!("{BURY}{OF_INACTIVE}");
    let reason = "the subscription is not active";
    // What has been buried is found among the dead letters, so that nothing is deleted that was
    // not.
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
