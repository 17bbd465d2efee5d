//! A service that computes embeddings, as OpenAI's `POST /v1/embeddings`. What it computes follows
//! from the text.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Moods, Server, lock};

/// How many texts it takes at once.
const MOST_INPUTS: usize = 2_048;

/// The service.
#[derive(Debug)]
pub struct EmbeddingService {
    server: Server,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: String,
    moods: Moods,
    requests: Mutex<Vec<Value>>,
    mistake: Mutex<Option<Mistake>>,
}

/// What the service gets wrong with its next answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// The first embedding has one number.
    WrongSize,
    /// The last embedding is missing.
    Missing,
    /// A number of the first embedding is beyond all measure.
    TooLarge,
    /// The first embedding comes twice, the last not at all.
    Twice,
}

impl EmbeddingService {
    /// Starts it. Only this key opens it. A text that has the word "refused" in it is.
    ///
    /// # Errors
    ///
    /// If the system has no port to give.
    pub async fn start(key: &str) -> io::Result<Self> {
        let inner = Arc::new(Inner {
            key: key.to_owned(),
            moods: Moods::default(),
            requests: Mutex::default(),
            mistake: Mutex::default(),
        });
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(inner.clone());
        Ok(Self { server: Server::start(router).await?, inner })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// Its moods.
    pub fn moods(&self) -> &Moods {
        &self.inner.moods
    }

    /// Has it get its next answer wrong.
    pub fn mistake(&self, mistake: Mistake) {
        *lock(&self.inner.mistake) = Some(mistake);
    }

    /// What it was asked since this was last called.
    pub fn requests(&self) -> Vec<Value> {
        std::mem::take(&mut lock(&self.inner.requests))
    }
}

async fn embed(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    let expected = format!("Bearer {}", inner.key);
    if headers.get(header::AUTHORIZATION).is_none_or(|found| found.as_bytes() != expected.as_bytes()) {
        return error(StatusCode::UNAUTHORIZED, "Incorrect API key provided");
    }
    let Ok(request) = serde_json::from_str::<Value>(&body) else {
        return error(StatusCode::BAD_REQUEST, "We could not parse the JSON body of your request");
    };
    let texts =
        request["input"].as_array().map(|texts| texts.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    let (Some(texts), Some(dimensions)) = (texts, request["dimensions"].as_u64()) else {
        return error(StatusCode::BAD_REQUEST, "'input' and 'dimensions' are required");
    };
    if texts.is_empty() || texts.len() > MOST_INPUTS {
        return error(StatusCode::BAD_REQUEST, "'input' has too few or too many texts");
    }
    let is_refused = texts.iter().any(|text| text.contains("refused"));
    let embedded = |(index, text): (usize, &&str)| json!({"object": "embedding", "index": index, "embedding": embedding(text, dimensions)});
    let mut data: Vec<Value> = texts.iter().enumerate().map(embedded).collect();
    let model = request["model"].clone();
    lock(&inner.requests).push(request);
    if let Some(answer) = inner.moods.answer().await {
        return answer;
    }
    if is_refused {
        return error(StatusCode::BAD_REQUEST, "'input' is not allowed");
    }
    match lock(&inner.mistake).take() {
        Some(Mistake::WrongSize) => data[0]["embedding"] = json!([1.0]),
        Some(Mistake::TooLarge) => data[0]["embedding"][0] = json!(1e300),
        Some(Mistake::Missing) => drop(data.pop()),
        Some(Mistake::Twice) => {
            let first = data[0].clone();
            data.pop();
            data.push(first);
        }
        None => {}
    }
    // The order of the answer is the service's own.
    data.reverse();
    let answer = json!({"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": 1, "total_tokens": 1}});
    ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

/// As long as one, in a direction that follows from the text.
pub fn embedding(text: &str, dimensions: u64) -> Vec<f32> {
    let numbers = (0..dimensions).map(|index| {
        let digest = Sha256::digest(format!("{index}\n{text}"));
        f32::from(digest[0]) - 127.5
    });
    let numbers: Vec<f32> = numbers.collect();
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    numbers.iter().map(|number| number / length).collect()
}

fn error(status: StatusCode, message: &str) -> Response {
    let body =
        json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}});
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
