//! Receivers of webhooks, each with a way of its own. They check signatures as the Standard Webhooks specification says.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::Url;

use super::Server;
use crate::webhooks::sign;

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With 204.
    Well,
    /// With 204, after a while.
    Slow(Duration),
    /// With 429 and a wish to be left alone for so many seconds, every other time.
    Busy(u32),
    /// With 503.
    Failing,
    /// With 410: it wants no more of it.
    Gone,
    /// With 404.
    Missing,
}

/// A receiver.
#[derive(Debug)]
pub struct Receiver {
    server: Server,
}

#[derive(Debug)]
struct Inner {
    manner: Manner,
    secret: String,
    received: AtomicU64,
}

impl Receiver {
    /// Starts one that shares a secret with the sender.
    ///
    /// # Errors
    ///
    /// If the system has no port to give.
    pub async fn start(manner: Manner, secret: &str) -> io::Result<Self> {
        let inner = Inner { manner, secret: secret.to_owned(), received: AtomicU64::default() };
        let router = Router::new().route("/hooks", post(receive)).with_state(Arc::new(inner));
        Ok(Self { server: Server::start(router).await? })
    }

    /// Where it takes messages.
    ///
    /// # Errors
    ///
    /// Never: the path is one.
    pub fn url(&self) -> io::Result<Url> {
        self.server.url().join("/hooks").map_err(io::Error::other)
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    let received = inner.received.fetch_add(1, Ordering::Relaxed);
    if !is_signed(&inner.secret, &headers, &body) {
        return (StatusCode::UNAUTHORIZED, "the signature is wrong").into_response();
    }
    match inner.manner {
        Manner::Well => StatusCode::NO_CONTENT.into_response(),
        Manner::Slow(wait) => {
            tokio::time::sleep(wait).await;
            StatusCode::NO_CONTENT.into_response()
        }
        Manner::Busy(seconds) if received % 2 == 0 => {
            let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, retry_after, "slow down").into_response()
        }
        Manner::Busy(_) => StatusCode::NO_CONTENT.into_response(),
        Manner::Failing => (StatusCode::SERVICE_UNAVAILABLE, "down for maintenance").into_response(),
        Manner::Gone => (StatusCode::GONE, "unsubscribed").into_response(),
        Manner::Missing => StatusCode::NOT_FOUND.into_response(),
    }
}

fn is_signed(secret: &str, headers: &HeaderMap, body: &str) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(timestamp) = header("webhook-timestamp").parse() else { return false };
    header("webhook-signature") == sign(secret, header("webhook-id"), timestamp, body)
}
