//! Asks Twitch: with a token, within its limits, and again where that may help.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::Utc;
use jobwatch_runtime::JobError;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::answers::{self, Page};
use super::credentials::Credentials;
use super::token::Token;
use crate::cache::Cache;
use crate::health::Health;
use crate::remote::{Failure, Patience, Remote};

/// The longest answer that is read, in bytes. A page of a hundred clips has less than a tenth of
/// it.
const LONGEST: usize = 2 << 20;

/// How often a request is tried again.
const RETRIES: usize = 3;

/// The longest that is waited until the limit is lifted: Twitch counts by the minute.
const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// Asks Twitch. Copies share the token and the limit.
#[derive(Debug, Clone)]
pub struct Twitch {
    remote: Remote,
    credentials: Credentials,
    token: Arc<Token>,
    cache: Cache,
    /// Until when Twitch wants to be left alone.
    closed_until: Arc<Mutex<Option<Instant>>>,
}

/// What became of one attempt.
enum Attempt<T> {
    Done(T),
    /// The token is refused.
    Refused,
    /// It may work in a while.
    Again(String),
}

impl Twitch {
    /// A client with credentials, which shares its token through a cache.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn new(credentials: Credentials, patience: Patience, cache: Cache) -> Result<Self, reqwest::Error> {
        let remote = Remote::new("Twitch", patience)?;
        Ok(Self { remote, credentials, token: Arc::default(), cache, closed_until: Arc::default() })
    }

    /// How Twitch fares.
    pub fn health(&self) -> Health {
        self.remote.health()
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Page<T>, JobError> {
        let mut waits = ExponentialBuilder::new()
            .with_min_delay(self.remote.patience().first_wait)
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        let mut token = self.token(None).await?;
        let mut replaced = false;
        loop {
            self.wait_until_open().await;
            let problem = match self.attempt(path, query, &token).await? {
                Attempt::Done(page) => return Ok(page),
                Attempt::Refused if replaced => {
                    return Err(JobError::permanent(format!("Twitch refuses a new token for {path}")));
                }
                Attempt::Refused => {
                    token = self.token(Some(&token)).await?;
                    replaced = true;
                    continue;
                }
                Attempt::Again(problem) => problem,
            };
            let Some(wait) = waits.next() else {
                return Err(JobError::retryable(format!("Twitch has no {path}: {problem}")));
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn token(&self, refused: Option<&str>) -> Result<String, JobError> {
        self.token.get(&self.remote, &self.credentials, &self.cache, refused).await
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        token: &str,
    ) -> Result<Attempt<Page<T>>, JobError> {
        let url = format!("{}{path}", self.credentials.api_url.as_str().trim_end_matches('/'));
        let request = self.remote.http().get(url).query(query).bearer_auth(token);
        let request = request.header("Client-Id", &self.credentials.client_id);
        let answer = match self.remote.send(request, LONGEST).await {
            Ok(answer) => answer,
            Err(failure @ Failure::LeftAlone(_)) => {
                return Err(JobError::retryable(format!("Twitch {failure}")));
            }
            Err(failure) => return Ok(Attempt::Again(format!("it {failure}"))),
        };
        self.note_limit(answer.status, &answer.headers).await;
        match answer.status {
            StatusCode::OK => Ok(match answers::read(&answer.body) {
                Ok(page) => Attempt::Done(page),
                Err(error) => Attempt::Again(format!("its answer cannot be used: {error}")),
            }),
            StatusCode::UNAUTHORIZED => Ok(Attempt::Refused),
            StatusCode::TOO_MANY_REQUESTS => Ok(Attempt::Again("too many requests".to_owned())),
            status => Err(JobError::permanent(format!("Twitch refuses {path}: {status}"))),
        }
    }

    /// Waits as long as Twitch wants to be left alone.
    async fn wait_until_open(&self) {
        let until = *self.closed_until.lock().await;
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Twitch says how many requests are left, and when there will be more.
    async fn note_limit(&self, status: StatusCode, headers: &HeaderMap) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
        let used_up = status == StatusCode::TOO_MANY_REQUESTS || number("Ratelimit-Remaining") == Some(0);
        let mut closed_until = self.closed_until.lock().await;
        *closed_until = used_up.then(|| {
            let seconds = number("Ratelimit-Reset").map_or(1, |reset| reset - Utc::now().timestamp());
            let wait = Duration::from_secs(seconds.max(0).unsigned_abs()).min(LONGEST_WAIT);
            Instant::now() + wait
        });
    }
}
