//! The deliveries in the database: who is at which, and what becomes of them.

use std::fmt;

use jobwatch_runtime::JobError;
use reqwest::Url;
use sqlx::FromRow;

use super::bury::bury;
use super::limits::CLAIM;
use crate::database::{Database, Dialect, Statement, timed};

const CLAIM_IN_SQLITE: &str = include_str!("claim.sqlite.sql");
const CLAIM_IN_POSTGRES: &str = include_str!("claim.postgres.sql");
const COUNT: &str = include_str!("count.sql");

fn claim_inactive(dialect: Dialect) -> String {
    format!(include_str!("claim_inactive.sql"), now = dialect.now())
}

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
    let query = match database.dialect() {
        Dialect::Sqlite => CLAIM_IN_SQLITE,
        Dialect::Postgres => CLAIM_IN_POSTGRES,
    };
    let query = Statement::new(query).bind(claim).bind(CLAIM.num_milliseconds());
    let query = query.bind(i64::from(most)).bind(except);
    timed("claim deliveries", database.rows(&query)).await
}

/// Makes dead letters of what is due for subscriptions that are not active, so that it does not
/// wait for ever. Answers how many.
pub(super) async fn bury_inactive(database: &Database) -> Result<u64, JobError> {
    let dialect = database.dialect();
    // Claimed first, so that what is buried is what was found now.
    let claim = format!("inactive:{}", uuid::Uuid::new_v4());
    let find = Statement::new(claim_inactive(dialect)).bind(claim.as_str());
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
const MOST: i64 = 10_000;

/// How many deliveries are due or waiting. A queue of more than 10,000 counts as that many.
///
/// # Errors
///
/// What the database says.
pub async fn size(database: &Database) -> Result<u64, JobError> {
    let count = Statement::new(COUNT).bind(MOST);
    let (size,): (i64,) = timed("count deliveries", database.row(&count)).await?;
    Ok(size.unsigned_abs())
}
