//! Receivers of webhooks, each with a way of its own. They check signatures as the Standard
//! Webhooks specification says.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::Utc;
use reqwest::Url;

use super::Server;
use clipper_jobs::webhooks::signature::verify;

/// How old a message may be, in seconds, and how far ahead its sender's clock.
const TOLERANCE: u64 = 5 * 60;

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
        return (StatusCode::UNAUTHORIZED, "the signature is missing, wrong or old").into_response();
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
    Utc::now().timestamp().abs_diff(timestamp) <= TOLERANCE
        && verify(secret, header("webhook-id"), timestamp, body, header("webhook-signature"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clipper_jobs::webhooks::signature::sign;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// Sends a message of an age in seconds, and answers the status with what the receiver asks
    /// for.
    async fn send(receiver: &Receiver, age: i64, secret: &str) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let timestamp = Utc::now().timestamp() - age;
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(receiver.url().unwrap());
        let request = request.header("webhook-id", "msg_1").header("webhook-timestamp", timestamp);
        let request = request.header("webhook-signature", sign(secret, "msg_1", timestamp, "{}"));
        let answer = request.body("{}").send().await.unwrap();
        let retry_after = answer.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
        format!("{} {}", answer.status().as_u16(), retry_after.unwrap_or_default()).trim_end().to_owned()
    }

    #[tokio::test]
    async fn each_answers_in_its_manner() {
        for (manner, expected) in [
            (Manner::Well, ["204", "204"]),
            (Manner::Slow(Duration::from_millis(10)), ["204", "204"]),
            (Manner::Busy(5), ["429 5", "204"]),
            (Manner::Failing, ["503", "503"]),
            (Manner::Gone, ["410", "410"]),
            (Manner::Missing, ["404", "404"]),
        ] {
            let receiver = Receiver::start(manner, SECRET).await.unwrap();
            for expected in expected {
                assert_eq!(send(&receiver, 0, SECRET).await, expected, "{manner:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_forged_or_old_is_refused() {
        let receiver = Receiver::start(Manner::Well, SECRET).await.unwrap();
        assert_eq!(send(&receiver, 0, "another").await, "401");
        for (age, expected) in [(240, "204"), (-240, "204"), (360, "401"), (-360, "401")] {
            assert_eq!(send(&receiver, age, SECRET).await, expected, "{age} s");
        }
    }
}
