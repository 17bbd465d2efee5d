//! The service that computes embeddings.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jobwatch_runtime::JobError;
use reqwest::header::RETRY_AFTER;
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::health::Health;
use crate::plain::excerpt;
use crate::remote::{Failure, Patience, Remote};

/// How much of an answer is told, in characters.
const EXCERPT: usize = 200;

/// How long the service may take for one request, unless told otherwise: it may be asked for many
/// embeddings.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes for each number, and beside them.
const LONGEST: (usize, usize) = (32, 64 * 1_024);

/// Where embeddings are computed, and how. Never shown with its key.
#[derive(Clone)]
pub struct Service {
    /// Where the service is: `/v1/embeddings` is added.
    pub base_url: Url,
    /// What opens it.
    pub key: String,
    /// The model.
    pub model: String,
    /// How many numbers an embedding has.
    pub dimensions: u32,
    /// How many requests a minute the service takes.
    pub requests_per_minute: NonZeroU32,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, model, dimensions, .. } = self;
        write!(f, "Service({base_url}, {model}, {dimensions}, ***)")
    }
}

/// Asks the service. Copies share its limit and its health.
#[derive(Debug, Clone)]
pub struct Client {
    remote: Remote,
    service: Service,
    limit: Arc<DefaultDirectRateLimiter>,
}

#[derive(Serialize)]
struct Request<'r> {
    model: &'r str,
    input: &'r [String],
    dimensions: u32,
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Embedding>,
}

#[derive(Deserialize)]
struct Embedding {
    index: usize,
    embedding: Vec<f32>,
}

impl Client {
    /// A client of a service, as patient as its default.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn new(service: Service) -> Result<Self, reqwest::Error> {
        Self::with(service, Patience { timeout: TIMEOUT, ..Patience::default() })
    }

    /// A client of a service, with a patience of its own.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn with(service: Service, patience: Patience) -> Result<Self, reqwest::Error> {
        let remote = Remote::new("the embedding service", patience)?;
        // One at a time: a service that counts by the second refuses a minute's worth at once.
        let quota = Quota::per_minute(service.requests_per_minute).allow_burst(NonZeroU32::MIN);
        Ok(Self { remote, service, limit: Arc::new(RateLimiter::direct(quota)) })
    }

    /// How the service fares.
    pub fn health(&self) -> Health {
        self.remote.health()
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// An embedding for each text, in their order, or what the service has against them.
    ///
    /// # Errors
    ///
    /// [`JobError`] if the service is away, wants to be left alone, refuses the key, or answers
    /// what cannot be used.
    pub(super) async fn embed(&self, texts: &[String]) -> Result<Result<Vec<Vec<f32>>, String>, JobError> {
        let Service { base_url, key, model, dimensions, .. } = &self.service;
        let url = format!("{}/v1/embeddings", base_url.as_str().trim_end_matches('/'));
        let request = Request { model, input: texts, dimensions: *dimensions, encoding_format: "float" };
        self.limit.until_ready().await;
        let longest = LONGEST.0 * *dimensions as usize * texts.len() + LONGEST.1;
        let request = self.remote.http().post(url).bearer_auth(key).json(&request);
        let answer = self.remote.send(request, longest).await.map_err(unavailable)?;
        match answer.status {
            StatusCode::OK => self.check(&answer.body, texts.len()).map(Ok),
            StatusCode::REQUEST_TIMEOUT => Err(unavailable(Failure::Timeout)),
            StatusCode::TOO_MANY_REQUESTS => {
                let header = answer.headers.get(RETRY_AFTER);
                let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(60);
                let after = Duration::from_secs(seconds);
                Err(JobError::retry_after("the embedding service wants to be left alone", after))
            }
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => Err(
                JobError::permanent(format!("the embedding service refuses the key or the model: {status}")),
            ),
            status if status.is_client_error() => {
                Ok(Err(format!("{status}: {}", excerpt(&answer.body, EXCERPT))))
            }
            status => Err(JobError::permanent(format!("the embedding service answers {status}"))),
        }
    }

    /// One embedding for each text, each of the right size.
    fn check(&self, body: &[u8], texts: usize) -> Result<Vec<Vec<f32>>, JobError> {
        let unusable = |what: String| {
            JobError::retryable(format!("the embedding service's answer cannot be used: {what}"))
        };
        let answer: Answer = serde_json::from_slice(body).map_err(|error| unusable(error.to_string()))?;
        let mut embeddings = vec![None; texts];
        for Embedding { index, embedding } in answer.data {
            let size = embedding.len();
            if size != self.service.dimensions as usize {
                return Err(unusable(format!(
                    "an embedding has {size} numbers, not {}",
                    self.service.dimensions
                )));
            }
            if !embedding.iter().all(|number| number.is_finite()) {
                return Err(unusable("a number is too large".to_owned()));
            }
            match embeddings.get_mut(index) {
                Some(place @ None) => *place = Some(embedding),
                _ => return Err(unusable(format!("index {index} was not asked for, or comes twice"))),
            }
        }
        embeddings.into_iter().collect::<Option<_>>().ok_or_else(|| unusable("some are missing".to_owned()))
    }
}

/// The service gave no answer. It may with the next attempt.
fn unavailable(failure: Failure) -> JobError {
    JobError::retryable(format!("the embedding service {failure}"))
}
