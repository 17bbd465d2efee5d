//! The parts of OpenSearch that the jobs need: indices, bulk indexing, and refusals of what does
//! not fit a mapping.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::{Value, json};

use super::{Moods, Server, lock};

/// The service.
#[derive(Debug)]
pub struct OpenSearchService {
    server: Server,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    authorization: Option<String>,
    moods: Moods,
    closed: Mutex<Option<Closed>>,
    refuses: Mutex<Option<Refuses>>,
    indices: Mutex<BTreeMap<String, Index>>,
}

/// Why an index takes no documents. To requests for a bulk of them, OpenSearch answers 200 all the
/// same, and says so for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The disk is almost full: `index.blocks.read_only_allow_delete` is set.
    ReadOnly,
    /// It is red: no primary shard. That is answered when the `timeout` of the request is over.
    Red,
    /// The queue of its thread pool is full.
    Busy,
}

impl Closed {
    /// Status, type and reason, as OpenSearch 2 writes them.
    fn error(self, index: &str, timeout: &str) -> (u16, &'static str, String) {
        match self {
            Self::ReadOnly => {
                let reason = format!(
                    "index [{index}] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];"
                );
                (403, "cluster_block_exception", reason)
            }
            Self::Red => {
                let reason = format!("[{index}][0] primary shard is not active Timeout: [{timeout}]");
                (503, "unavailable_shards_exception", reason)
            }
            Self::Busy => {
                let reason = "rejected execution of primary operation [coordinating_and_primary_bytes=0]";
                (429, "rejected_execution_exception", reason.to_owned())
            }
        }
    }
}

/// Why whole requests are refused. A wrong password is another reason: 401 to every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuses {
    /// The user may do nothing.
    NoRights,
    /// The cluster is read-only: `cluster.blocks.read_only` is set.
    ReadOnlyCluster,
    /// A circuit breaker keeps a request from taking the memory that is left.
    CircuitBreaker,
}

impl Refuses {
    /// Status, type and reason for a request, as OpenSearch 2 writes them. `None` if it is let
    /// through.
    fn error(self, method: &Method, path: &str) -> Option<(StatusCode, &'static str, &'static str)> {
        let writes = matches!(*method, Method::POST | Method::PUT);
        match self {
            Self::NoRights => {
                let reason = if path == "/" {
                    "no permissions for [cluster:monitor/main] and User [name=clipper, backend_roles=[]]"
                } else {
                    "no permissions for [indices:data/write/bulk] and User [name=clipper, backend_roles=[]]"
                };
                Some((StatusCode::FORBIDDEN, "security_exception", reason))
            }
            Self::ReadOnlyCluster if writes => {
                let reason = "blocked by: [FORBIDDEN/6/cluster read-only (api)];";
                Some((StatusCode::FORBIDDEN, "cluster_block_exception", reason))
            }
            Self::CircuitBreaker if path == "/_bulk" => {
                let reason = "[parent] Data too large, data for [<http_request>] would be [1020054732/972.7mb], \
                              which is larger than the limit of [1020054731/972.7mb]";
                Some((StatusCode::TOO_MANY_REQUESTS, "circuit_breaking_exception", reason))
            }
            Self::ReadOnlyCluster | Self::CircuitBreaker => None,
        }
    }
}

/// How long a bulk waits for a primary shard, unless the request says otherwise.
const TIMEOUT: &str = "1m";

/// A time as OpenSearch reads it, of those that the jobs may write.
fn time(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(60 * number)),
        _ => None,
    }
}

/// An index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// Settings and mappings that it was created with. Nothing for one that was made up from the
    /// first document.
    pub created_with: Value,
    /// The documents by their ids.
    pub documents: BTreeMap<String, Value>,
}

impl OpenSearchService {
    /// Starts it, for a user with a password or for anybody.
    ///
    /// # Errors
    ///
    /// If the system has no port to give.
    pub async fn start(login: Option<(&str, &str)>) -> io::Result<Self> {
        let authorization =
            login.map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
        let inner = Arc::new(Inner { authorization, ..Inner::default() });
        let router = Router::new()
            .route("/", get(root))
            .route("/{index}", get(describe).put(create).delete(delete))
            .route("/_bulk", post(bulk))
            .layer(middleware::from_fn_with_state(inner.clone(), admit))
            .with_state(inner.clone());
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

    /// An index, if it exists.
    pub fn index(&self, name: &str) -> Option<Index> {
        lock(&self.inner.indices).get(name).cloned()
    }

    /// Has its indices take no documents, until told otherwise.
    pub fn close(&self, closed: Option<Closed>) {
        *lock(&self.inner.closed) = closed;
    }

    /// Has it refuse whole requests, until told otherwise.
    pub fn refuse(&self, refuses: Option<Refuses>) {
        *lock(&self.inner.refuses) = refuses;
    }

    /// Deletes an index.
    pub fn delete(&self, name: &str) {
        lock(&self.inner.indices).remove(name);
    }
}

async fn admit(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    if let Some(answer) = inner.moods.answer().await {
        return answer;
    }
    if let Some(expected) = &inner.authorization
        && headers.get(header::AUTHORIZATION).is_none_or(|found| found.as_bytes() != expected.as_bytes())
    {
        return (StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
    }
    let refuses = *lock(&inner.refuses);
    if let Some((status, kind, reason)) =
        refuses.and_then(|refuses| refuses.error(request.method(), request.uri().path()))
    {
        return error(status, kind, reason);
    }
    next.run(request).await
}

async fn root() -> Response {
    answer(StatusCode::OK, &json!({"version": {"distribution": "opensearch", "number": "2.19.0"}}))
}

async fn describe(State(inner): State<Arc<Inner>>, Path(name): Path<String>) -> Response {
    match lock(&inner.indices).get(&name) {
        Some(index) => answer(StatusCode::OK, &json!({name: index.created_with})),
        None => missing(&name),
    }
}

async fn create(State(inner): State<Arc<Inner>>, Path(name): Path<String>, body: String) -> Response {
    let Ok(created_with) = serde_json::from_str::<Value>(&body) else {
        return error(StatusCode::BAD_REQUEST, "parse_exception", "request body is required");
    };
    let mut indices = lock(&inner.indices);
    if indices.contains_key(&name) {
        let reason = format!("index [{name}] already exists");
        return error(StatusCode::BAD_REQUEST, "resource_already_exists_exception", &reason);
    }
    indices.insert(name.clone(), Index { created_with, documents: BTreeMap::new() });
    answer(StatusCode::OK, &json!({"acknowledged": true, "shards_acknowledged": true, "index": name}))
}

async fn delete(State(inner): State<Arc<Inner>>, Path(name): Path<String>) -> Response {
    match lock(&inner.indices).remove(&name) {
        Some(_) => answer(StatusCode::OK, &json!({"acknowledged": true})),
        None => missing(&name),
    }
}

/// Pairs of lines: what to do, and the document.
async fn bulk(
    State(inner): State<Arc<Inner>>,
    Query(parameters): Query<BTreeMap<String, String>>,
    body: String,
) -> Response {
    let timeout = parameters.get("timeout").map_or(TIMEOUT, String::as_str);
    let Some(wait) = time(timeout) else {
        let reason = format!("failed to parse setting [timeout] with value [{timeout}] as a time value");
        return error(StatusCode::BAD_REQUEST, "illegal_argument_exception", &reason);
    };
    let closed = *lock(&inner.closed);
    if closed == Some(Closed::Red) {
        tokio::time::sleep(wait).await;
    }
    let lines: Result<Vec<Value>, _> = body.lines().map(serde_json::from_str).collect();
    let Ok(lines) = lines else {
        return error(
            StatusCode::BAD_REQUEST,
            "illegal_argument_exception",
            "Malformed action/metadata line",
        );
    };
    if !body.ends_with('\n') || lines.len() % 2 == 1 {
        let reason = "The bulk request must be terminated by a newline [\\n]";
        return error(StatusCode::BAD_REQUEST, "illegal_argument_exception", reason);
    }
    let mut indices = lock(&inner.indices);
    let mut items = Vec::new();
    let mut errors = false;
    for pair in lines.chunks_exact(2) {
        let action = &pair[0]["index"];
        let (name, id) = (text(&action["_index"]), text(&action["_id"]));
        let index = indices.entry(name.clone()).or_default();
        let dimension = index.created_with["mappings"]["properties"]["embedding"]["dimension"].as_u64();
        let found = pair[1]["embedding"].as_array().map_or(0, Vec::len) as u64;
        let mut item = json!({"_index": name, "_id": id});
        if let Some(closed) = closed {
            errors = true;
            let (status, kind, reason) = closed.error(&name, timeout);
            item["status"] = json!(status);
            item["error"] = json!({"type": kind, "reason": reason});
        } else if dimension.is_some_and(|dimension| dimension != found) {
            errors = true;
            let reason =
                format!("Vector dimension mismatch. Expected: {}, Given: {found}", dimension.unwrap_or(0));
            item["status"] = json!(400);
            item["error"] = json!({"type": "mapper_parsing_exception", "reason": reason});
        } else {
            let replaced = index.documents.insert(id, pair[1].clone()).is_some();
            item["status"] = json!(if replaced { 200 } else { 201 });
            item["result"] = json!(if replaced { "updated" } else { "created" });
        }
        items.push(json!({"index": item}));
    }
    answer(StatusCode::OK, &json!({"took": 1, "errors": errors, "items": items}))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn missing(name: &str) -> Response {
    error(StatusCode::NOT_FOUND, "index_not_found_exception", &format!("no such index [{name}]"))
}

fn error(status: StatusCode, kind: &str, reason: &str) -> Response {
    let cause = json!({"type": kind, "reason": reason});
    answer(
        status,
        &json!({"error": {"root_cause": [cause], "type": kind, "reason": reason}, "status": status.as_u16()}),
    )
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
