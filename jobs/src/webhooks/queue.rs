//! The deliveries in the database: who is at which, and what becomes of them.

use std::fmt;

use jobwatch_runtime::JobError;
use reqwest::Url;
use sqlx::{AssertSqlSafe, FromRow};

use super::bury::bury;
use super::limits::CLAIM;
use crate::database::{Database, Statement, timed};

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
/// them until the claim runs out. What is due, and when it runs out, the database's clock says.
pub(super) async fn claim(
    database: &Database,
    claim: &str,
    most: u32,
    except: Vec<i64>,
) -> Result<Vec<Delivery>, JobError> {
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query_as(include_str!("claim.sqlite.sql")).bind(claim);
            let query = query.bind(CLAIM.num_milliseconds()).bind(most);
            let query = query.bind(serde_json::Value::from(except).to_string());
            timed("claim deliveries", query.fetch_all(pool)).await
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as(include_str!("claim.postgres.sql")).bind(claim);
            let query = query.bind(CLAIM.num_milliseconds()).bind(i64::from(most)).bind(except);
            timed("claim deliveries", query.fetch_all(pool)).await
        }
    }
}

/// Makes dead letters of what is due for subscriptions that are not active, so that it does not
/// wait for ever. Answers how many.
pub(super) async fn bury_inactive(database: &Database) -> Result<u64, JobError> {
    let dialect = database.dialect();
    let now = dialect.now();
    // Claimed first, so that what is buried is what was found now.
    let claim = format!("inactive:{}", uuid::Uuid::new_v4());
    let find = format!(
        "UPDATE webhook_deliveries SET claim = $1 \
         WHERE subscription_id IN (SELECT id FROM webhook_subscriptions WHERE NOT is_active) \
           AND next_attempt_at <= {now} AND (claimed_until IS NULL OR claimed_until <= {now})"
    );
    let find = Statement::new(find).bind(claim.as_str());
    timed("bury deliveries of inactive subscriptions", async {
        if database.write(&[find]).await? == [0] {
            return Ok(0);
        }
        let bury = bury(dialect, (&claim, None), 0, None, "the subscription is not active");
        Ok(database.write(&bury).await?[0])
    })
    .await
}

/// How many deliveries are counted at most: ten times what the alert about the queue's size takes
/// by default.
const MOST: u32 = 10_000;

/// How many deliveries are due or waiting. A queue of more than 10,000 counts as that many.
///
/// # Errors
///
/// What the database says.
pub async fn size(database: &Database) -> Result<u64, JobError> {
    let count = format!("SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries LIMIT {MOST}) AS queue");
    let count = AssertSqlSafe(count);
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
