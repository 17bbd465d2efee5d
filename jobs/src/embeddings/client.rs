//! The service that computes embeddings.

use std::fmt;
use std::time::Duration;

use jobwatch_runtime::JobError;
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode, Url};
use serde::{Deserialize, Serialize};

/// How long the service may take for one request.
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
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, model, dimensions, .. } = self;
        write!(f, "Service({base_url}, {model}, {dimensions}, ***)")
    }
}

/// Asks the service.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    service: Service,
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
    /// A client of a service.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn new(service: Service) -> Result<Self, reqwest::Error> {
        // The first one counts; all of this service take the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, service })
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// An embedding for each text, in their order, or what the service has against them.
    ///
    /// # Errors
    ///
    /// [`JobError`] if the service is away, wants to be left alone, refuses the key, or answers what cannot be used.
    pub(super) async fn embed(&self, texts: &[String]) -> Result<Result<Vec<Vec<f32>>, String>, JobError> {
        let Service { base_url, key, model, dimensions } = &self.service;
        let url = format!("{}/v1/embeddings", base_url.as_str().trim_end_matches('/'));
        let request = Request { model, input: texts, dimensions: *dimensions, encoding_format: "float" };
        let answered = self.http.post(url).bearer_auth(key).json(&request).send().await;
        let response = answered.map_err(|error| {
            let what = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            JobError::Retryable(format!("the embedding service {what}"))
        })?;
        let status = response.status();
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = self.read(response, texts.len()).await?;
        match status {
            StatusCode::OK => self.check(&body, texts.len()).map(Ok),
            StatusCode::TOO_MANY_REQUESTS => Err(JobError::RetryAfter {
                message: "the embedding service wants to be left alone".to_owned(),
                after: Duration::from_secs(retry_after.unwrap_or(60)),
            }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(
                JobError::Permanent(format!("the embedding service refuses the key or the model: {status}")),
            ),
            status if status.is_client_error() => Ok(Err(format!("{status}: {}", excerpt(&body)))),
            status => Err(JobError::Retryable(format!("the embedding service fails: {status}"))),
        }
    }

    /// Reads an answer, but not one that has no end.
    async fn read(&self, mut response: Response, texts: usize) -> Result<Vec<u8>, JobError> {
        let longest = LONGEST.0 * self.service.dimensions as usize * texts + LONGEST.1;
        let mut body = Vec::new();
        let broken = |_| JobError::Retryable("the embedding service broke off its answer".to_owned());
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > longest {
                let text = format!("the embedding service answers more than {longest} bytes");
                return Err(JobError::Retryable(text));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// One embedding for each text, each of the right size.
    fn check(&self, body: &[u8], texts: usize) -> Result<Vec<Vec<f32>>, JobError> {
        let unusable = |what: String| {
            JobError::Retryable(format!("the embedding service's answer cannot be used: {what}"))
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
            match embeddings.get_mut(index) {
                Some(place @ None) => *place = Some(embedding),
                _ => return Err(unusable(format!("index {index} was not asked for, or comes twice"))),
            }
        }
        embeddings.into_iter().collect::<Option<_>>().ok_or_else(|| unusable("some are missing".to_owned()))
    }
}

/// The beginning of an answer, in one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
