//! A site with deliveries to make, and a receiver that answers as it likes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clipper_jobs::database::{Address, Database};
use clipper_jobs::webhooks::{AddressRule, Deliverer, Limits, retry};
use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::{Report, RunContext};
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What a receiver has got: how often each message came, and with which headers the last time.
pub(crate) type Inbox = Arc<Mutex<HashMap<String, (u32, HeaderMap)>>>;

/// What clears a screen, sets its title, and goes on in red.
pub(crate) const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31mall is\r\n well\0\u{202e}";

/// A receiver whose path says how it answers.
pub(crate) async fn receiver() -> (u16, Inbox) {
    let inbox = Inbox::default();
    let router = Router::new().route("/{answer}", post(receive)).with_state(inbox.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, inbox)
}

async fn receive(
    State(inbox): State<Inbox>,
    Path(answer): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    // An id names one message, however often it comes.
    if !id.ends_with(&body.replace("{\"clip\": ", "_").replace('}', "")) {
        return (StatusCode::BAD_REQUEST, format!("{id} is not the id of {body}")).into_response();
    }
    {
        let mut inbox = inbox.lock().unwrap();
        let entry = inbox.entry(id).or_default();
        *entry = (entry.0 + 1, headers);
    }
    match answer.as_str() {
        "hang" => std::future::pending().await,
        "slow" => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            StatusCode::OK.into_response()
        }
        // To the same machine, which answers.
        "301" | "302" | "303" | "307" | "308" => {
            let status = StatusCode::from_u16(answer.parse().unwrap()).unwrap();
            (status, [("location", "/200")], "").into_response()
        }
        "large" => (StatusCode::INTERNAL_SERVER_ERROR, "x ".repeat(1 << 20)).into_response(),
        "escapes" => (StatusCode::NOT_FOUND, ESCAPES).into_response(),
        "later" => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")], "").into_response(),
        status => StatusCode::from_u16(status.parse().unwrap()).unwrap().into_response(),
    }
}

pub(crate) struct Site {
    pub(crate) database: Database,
    pub(crate) address: String,
    pub(crate) folder: TempDir,
    _server: Option<Postgres>,
}

impl Site {
    pub(crate) async fn new(server: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = match &server {
            Some(server) => server.url("test", ""),
            None => format!("sqlite:{}", folder.path().join("clipper.sqlite").display()),
        };
        let database = Database::connect(&address.parse::<Address>().unwrap()).await.unwrap();
        Self { database, address, folder, _server: server }
    }

    /// The same with other connections, which have the settings that the database has by now.
    pub(crate) async fn reconnected(self) -> Self {
        Self { database: Database::connect(&self.address.parse().unwrap()).await.unwrap(), ..self }
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let moment = |sql: &str, now: &str| sql.replace("NOW", now);
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = moment(sql, "(unixepoch() * 1000)");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = moment(sql, "now()");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// The rows of a query, their columns joined by spaces.
    pub(crate) async fn rows(&self, columns: &[&str], from: &str) -> Vec<String> {
        let columns: Vec<String> =
            columns.iter().map(|column| format!("coalesce(CAST({column} AS text), '')")).collect();
        let sql = format!("SELECT {} AS line {from}", columns.join(" || ' ' || "));
        match &self.database {
            Database::Sqlite(pool) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("line")).collect()
            }
            Database::Postgres(pool) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("line")).collect()
            }
        }
    }

    /// A subscription, and so many deliveries for it that are due.
    pub(crate) async fn deliveries(
        &self,
        subscription: u32,
        url: &str,
        active: bool,
        number: u32,
        attempts: u32,
    ) {
        let active = if active { "1 = 1" } else { "1 = 0" };
        self.execute(&format!(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types, is_active)
             VALUES ({subscription}, '{url}', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'clip.created', {active})"
        ))
        .await;
        self.more_deliveries(subscription, 0..number, attempts).await;
    }

    pub(crate) async fn more_deliveries(
        &self,
        subscription: u32,
        numbers: std::ops::Range<u32>,
        attempts: u32,
    ) {
        let rows: Vec<String> = numbers
            .map(|number| {
                format!(
                    "('msg_{subscription}_{number}', {subscription}, 'clip.created', '{{\"clip\": {number}}}', {attempts}, NOW, NOW)"
                )
            })
            .collect();
        self.execute(&format!(
            "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, created_at)
             VALUES {}",
            rows.join(", ")
        ))
        .await;
    }

    /// Has the time come when nobody holds a lease or has claimed a delivery any more.
    pub(crate) async fn end_claims(&self) {
        self.execute("UPDATE webhook_deliveries SET claimed_until = NOW").await;
        match &self.database {
            Database::Sqlite(_) => {
                let pool = SqlitePool::connect(&format!("{}.jobs", self.address)).await.unwrap();
                sqlx::query("UPDATE jobwatch_job SET until = 0").execute(&pool).await.unwrap();
            }
            Database::Postgres(_) => self.execute("UPDATE jobwatch_job SET until = NOW").await,
        }
    }

    pub(crate) async fn retry(&self, rule: AddressRule) -> Report {
        let limits = Limits { batch: 100, concurrency: 16 };
        let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
        retry(&self.database, &Deliverer::new(rule).unwrap(), limits, &run).await.unwrap()
    }
}

pub(crate) async fn sites() -> [Site; 2] {
    [Site::new(None).await, Site::new(Some(Postgres::start())).await]
}

pub(crate) fn report(succeeded: u64, failed: u64, skipped: u64) -> Report {
    Report { succeeded, failed, skipped }
}

/// How many messages have come in, repeats among them.
pub(crate) fn received(inbox: &Inbox) -> u32 {
    inbox.lock().unwrap().values().map(|(times, _)| times).sum()
}
