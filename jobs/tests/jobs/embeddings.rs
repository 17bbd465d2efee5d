//! Embeddings from a service that answers as OpenAI's does, and at times does not, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clipper_jobs::database::{Address, Database};
use clipper_jobs::embeddings::{Client, Service, generate, size};
use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::{JobError, Report, RunContext};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tokio::net::TcpListener;

const KEY: &str = "sk-test-hunter2";

/// What the stand-in does with its next requests; when nothing is left, it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Busy,
    Down,
    WrongSize,
    Missing,
    Endless,
    Garbage,
}

/// What it was asked for, and its next moods.
#[derive(Clone, Default)]
struct StandIn(Arc<Mutex<(Vec<Value>, VecDeque<Mood>)>>);

impl StandIn {
    async fn start() -> (Self, String) {
        let stand_in = Self::default();
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(stand_in.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stand_in, url)
    }

    fn moods(&self, moods: &[Mood]) {
        self.0.lock().unwrap().1.extend(moods);
    }

    fn requests(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }
}

async fn embed(State(stand_in): State<StandIn>, headers: HeaderMap, body: String) -> Response {
    let error = |status: StatusCode, message: &str| {
        (status, json!({"error": {"message": message, "type": "invalid_request_error"}}).to_string())
            .into_response()
    };
    if headers["authorization"] != format!("Bearer {KEY}") {
        return error(StatusCode::UNAUTHORIZED, "Incorrect API key provided");
    }
    let request: Value = serde_json::from_str(&body).unwrap();
    let texts: Vec<String> = serde_json::from_value(request["input"].clone()).unwrap();
    let dimensions = usize::try_from(request["dimensions"].as_u64().unwrap()).unwrap();
    stand_in.0.lock().unwrap().0.push(request);
    let mood = stand_in.0.lock().unwrap().1.pop_front();
    let mut data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vec![text.len() as f32; dimensions]}))
        .collect();
    // The order of the answer is the service's own.
    data.reverse();
    match mood {
        Some(Mood::Busy) => {
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")], "").into_response();
        }
        Some(Mood::Down) => return error(StatusCode::SERVICE_UNAVAILABLE, "The server is overloaded"),
        Some(Mood::Endless) => return "x".repeat(4 << 20).into_response(),
        Some(Mood::Garbage) => return "<html>".into_response(),
        Some(Mood::WrongSize) => data[0]["embedding"] = json!([1.0]),
        Some(Mood::Missing) => drop(data.pop()),
        None if texts.iter().any(|text| text.contains("refused")) => {
            return error(StatusCode::BAD_REQUEST, "input is not allowed");
        }
        None => {}
    }
    json!({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1}})
        .to_string()
        .into_response()
}

struct Site {
    database: Database,
    client: Client,
    _server: Option<Postgres>,
    _folder: TempDir,
}

async fn sites(url: &str, key: &str) -> [Site; 2] {
    let service =
        Service { base_url: url.parse().unwrap(), key: key.to_owned(), model: "m".to_owned(), dimensions: 8 };
    let site = async |server: Option<Postgres>| {
        let folder = tempfile::tempdir().unwrap();
        let address = match &server {
            Some(server) => server.url("test", "").parse().unwrap(),
            None => Address::Sqlite(folder.path().join("clipper.sqlite")),
        };
        let database = Database::connect(&address).await.unwrap();
        Site { database, client: Client::new(service.clone()).unwrap(), _server: server, _folder: folder }
    };
    [site(None).await, site(Some(Postgres::start())).await]
}

impl Site {
    async fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("NOW", "(unixepoch() * 1000)");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                sqlx::raw_sql(AssertSqlSafe(sql.replace("NOW", "now()"))).execute(pool).await.unwrap();
            }
        }
    }

    async fn clip(&self, id: u32, title: &str) {
        self.execute(&format!(
            "INSERT INTO clips (id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_name, game_name,
                                created_at, imported_at)
             VALUES ({id}, 'clip-{id}', 'u', '{title}', 'b', 'Ada', 'Ada', 'Chess', NOW, NOW)"
        ))
        .await;
    }

    async fn generate(&self) -> Result<Report, JobError> {
        let run = RunContext::detached(JobName::new("embedding_generation").unwrap());
        generate(&self.database, &self.client, 3, &run).await
    }

    async fn waiting(&self) -> u64 {
        size(&self.database, self.client.service()).await.unwrap()
    }

    /// The first number of each embedding, in the clips' order.
    async fn embeddings(&self) -> Vec<f32> {
        match &self.database {
            Database::Sqlite(pool) => {
                let query = "SELECT embedding FROM clips WHERE embedding IS NOT NULL ORDER BY id";
                let found: Vec<Vec<u8>> = sqlx::query_scalar(query).fetch_all(pool).await.unwrap();
                assert!(found.iter().all(|bytes| bytes.len() == 8 * 4));
                found.iter().map(|bytes| f32::from_le_bytes(bytes[..4].try_into().unwrap())).collect()
            }
            Database::Postgres(pool) => {
                let query = "SELECT embedding FROM clips WHERE embedding IS NOT NULL ORDER BY id";
                let found: Vec<Vec<f32>> = sqlx::query_scalar(query).fetch_all(pool).await.unwrap();
                assert!(found.iter().all(|numbers| numbers.len() == 8));
                found.iter().map(|numbers| numbers[0]).collect()
            }
        }
    }
}

fn report(succeeded: u64, failed: u64) -> Report {
    Report { succeeded, failed, skipped: 0 }
}

#[tokio::test]
async fn every_clip_gets_its_own_embedding_and_the_same_text_is_paid_for_once() {
    let (stand_in, url) = StandIn::start().await;
    for site in sites(&url, KEY).await {
        stand_in.requests();
        for (id, title) in ["a", "bb", "ccc", "dddd"].into_iter().enumerate() {
            site.clip(u32::try_from(id).unwrap() + 1, title).await;
        }
        assert_eq!(site.waiting().await, 4);
        assert_eq!(site.generate().await, Ok(report(4, 0)));
        assert_eq!(site.waiting().await, 0);
        let length = |title: usize| ("Title: . Broadcaster: Ada. Game: Chess".len() + title) as f32;
        assert_eq!(site.embeddings().await, [1, 2, 3, 4].map(length));
        let requests = stand_in.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!((&requests[0]["model"], &requests[0]["dimensions"]), (&json!("m"), &json!(8)));
        assert_eq!(requests[0]["input"][0], "Title: a. Broadcaster: Ada. Game: Chess");

        // Nothing is left to do; a clip with a text that is known needs no request.
        assert_eq!(site.generate().await, Ok(report(0, 0)));
        site.clip(9, "bb").await;
        assert_eq!(site.generate().await, Ok(report(1, 0)));
        assert_eq!(stand_in.requests(), [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_clip_that_is_refused_does_not_hold_up_the_others() {
    let (_, url) = StandIn::start().await;
    for site in sites(&url, KEY).await {
        for (id, title) in ["refused", "b", "c", "refused too", "e"].into_iter().enumerate() {
            site.clip(u32::try_from(id).unwrap() + 1, title).await;
        }
        assert_eq!(site.generate().await, Ok(report(3, 2)));
        assert_eq!((site.embeddings().await.len(), site.waiting().await), (3, 2));
        site.clip(6, "f").await;
        assert_eq!(site.generate().await, Ok(report(1, 2)));
    }
}

#[tokio::test]
async fn what_the_service_does_wrong_ends_the_run_and_loses_nothing() {
    let (stand_in, url) = StandIn::start().await;
    for site in sites(&url, KEY).await {
        site.clip(1, "a").await;
        site.clip(2, "b").await;
        let mut told = Vec::new();
        for mood in [Mood::Busy, Mood::Down, Mood::WrongSize, Mood::Missing, Mood::Endless, Mood::Garbage] {
            stand_in.moods(&[mood]);
            let error = site.generate().await.unwrap_err();
            let again = matches!(error, JobError::Retryable(_) | JobError::RetryAfter { .. });
            told.push(format!("{again} {error}"));
        }
        assert_eq!(
            told,
            [
                "true the embedding service wants to be left alone (to be tried again after 7 s)",
                "true the embedding service fails: 503 Service Unavailable",
                "true the embedding service's answer cannot be used: an embedding has 1 numbers, not 8",
                "true the embedding service's answer cannot be used: some are missing",
                "true the embedding service answers more than 66048 bytes",
                "true the embedding service's answer cannot be used: expected value at line 1 column 1",
            ]
        );
        assert_eq!(site.waiting().await, 2);
        assert_eq!(site.generate().await, Ok(report(2, 0)));
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_tried_again_and_never_told() {
    let (_, url) = StandIn::start().await;
    let [site, _] = sites(&url, "sk-wrong-hunter3").await;
    site.clip(1, "a").await;
    let error = site.generate().await.unwrap_err();
    assert!(matches!(error, JobError::Permanent(_)), "{error}");
    assert_eq!(error.to_string(), "the embedding service refuses the key or the model: 401 Unauthorized");
    assert!(!format!("{:?}", site.client).contains("hunter3"));
    let [gone, _] = sites("http://127.0.0.1:1", KEY).await;
    gone.clip(1, "a").await;
    assert_eq!(
        gone.generate().await,
        Err(JobError::Retryable("the embedding service cannot be reached".to_owned()))
    );
}
