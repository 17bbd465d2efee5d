//! Secrets never leave the service, however much it is asked to tell and whatever goes wrong.

use clipper_jobs::stand_in::Mood;
use clipper_jobs::stand_in::embeddings::EmbeddingService;
use clipper_jobs::stand_in::open_search::OpenSearchService;
use clipper_jobs::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};
use e2e::redis::Redis;
use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::process::{Service, TOKEN, execute, wait};

const DATABASE: &str = "database-hunter2";
const EMBEDDING: &str = "embedding-hunter2";
const SEARCH: &str = "search-hunter2";
const REDIS: &str = "redis-hunter2";
const WEBHOOK: &str = "webhook-hunter2";

/// No secret is in a text, neither as it is nor as the headers and forms have it that carry it.
fn check(what: &str, text: &str) {
    // `clipper:search-hunter2` in Base64, and what any encoding of bytes in a trace would begin with.
    let encoded = ["Y2xpcHBlcjpzZWFyY2gtaHVudGVyMg", "whsec_"];
    let secrets = [TOKEN, DATABASE, EMBEDDING, CLIENT_SECRET, SEARCH, REDIS, WEBHOOK];
    for secret in secrets.into_iter().chain(encoded) {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            panic!("{what} tells {secret}: {line}");
        }
    }
}

/// Executes statements on the site's database in a service's folder.
async fn site(service: &Service, sql: &str) {
    let file = service.folder.path().join("clipper.sqlite");
    let mut site = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut site).await.unwrap();
}
