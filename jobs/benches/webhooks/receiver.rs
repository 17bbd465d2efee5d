//! Hosts on this machine that take what they are sent, and bare requests to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How many hosts answer at once. Each has an address of its own.
pub(crate) const HOSTS: u32 = 32;

/// What every message says.
pub(crate) const PAYLOAD: &str =
    r#"{"type": "clip.created", "data": {"clip": 123456789, "title": "The title of a clip"}}"#;

const ANSWER: Duration = Duration::from_millis(10);
const SLOW_ANSWER: Duration = Duration::from_secs(2);

/// The hosts.
pub(crate) struct Receiver {
    /// Where the fast ones are.
    pub(crate) urls: Vec<String>,
    /// Where the slow one is.
    pub(crate) slow_url: String,
    /// How many requests the fast ones have answered.
    answered: Arc<AtomicU64>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let answered = Arc::new(AtomicU64::new(0));
        let mut urls = Vec::new();
        for number in 1..=HOSTS {
            let router = Router::new().route("/", post(answer)).with_state(answered.clone());
            urls.push(serve(number, router).await);
        }
        let slow = post(async || tokio::time::sleep(SLOW_ANSWER).await);
        let slow_url = serve(HOSTS + 1, Router::new().route("/", slow)).await;
        Self { urls, slow_url, answered }
    }

    pub(crate) fn received(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    pub(crate) async fn has_received(&self, number: u64) {
        while self.received() < number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many requests a second a client makes that does nothing else.
    pub(crate) async fn bare(&self, number: u32, concurrency: u32) -> f64 {
        // The first one counts.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        let next = Arc::new(AtomicU32::new(0));
        let begun = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..concurrency {
            let (client, next, urls) = (client.clone(), next.clone(), self.urls.clone());
            workers.spawn(async move {
                loop {
                    let taken = next.fetch_add(1, Ordering::Relaxed);
                    if taken >= number {
                        return;
                    }
                    let request = client.post(&urls[(taken % HOSTS) as usize]).body(PAYLOAD);
                    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
                }
            });
        }
        while let Some(ended) = workers.join_next().await {
            ended.unwrap();
        }
        f64::from(number) / begun.elapsed().as_secs_f64()
    }
}

async fn answer(State(answered): State<Arc<AtomicU64>>) {
    tokio::time::sleep(ANSWER).await;
    answered.fetch_add(1, Ordering::Relaxed);
}

async fn serve(number: u32, router: Router) -> String {
    let listener = TcpListener::bind(format!("127.0.0.{number}:0")).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
