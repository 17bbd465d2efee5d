//! What Prometheus and Kubernetes ask for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus::{Registry, TextEncoder};

use super::problem::Problem;
use super::wire::Ready;
use crate::engine::handle::Handle;
use crate::log::log;
use crate::panics::caught;

/// `/metrics`: everything on the registry; `/healthz`: the process answers; `/readyz`: every job
/// has a next run or a reason why not, and the store answers. Anybody may ask: the answer names the
/// part that is in trouble, and the log says why ([`crate::ReadinessProblem`]).
///
/// ```
/// # use jobwatch_runtime::{Runtime, http};
/// # fn routes(runtime: &Runtime, registry: &prometheus::Registry) -> axum::Router {
/// axum::Router::new()
///     .merge(http::observe(runtime.handle(), registry))
///     .merge(http::admin(runtime.handle(), http::AdminToken::new("secret")))
/// # }
/// ```
pub fn observe(handle: Handle, registry: &Registry) -> Router {
    observe_with(handle, registry, Vec::new)
}

/// As [`observe`], and `/readyz` also tells what is wrong with what the jobs can do without for a
/// while, such as a cache: the service is degraded then, and still ready. Anybody may read that,
/// too.
pub fn observe_with(
    handle: Handle,
    registry: &Registry,
    degraded: impl Fn() -> Vec<String> + Send + Sync + 'static,
) -> Router {
    let metrics = Router::new().route("/metrics", get(metrics)).with_state(registry.clone());
    let watched = Watched { handle, degraded: Arc::new(degraded) };
    let ready = Router::new().route("/readyz", get(ready)).with_state(watched);
    Router::new().route("/healthz", get(healthz)).merge(metrics).merge(ready)
}

/// What `/readyz` looks at.
#[derive(Clone)]
pub(super) struct Watched {
    handle: Handle,
    degraded: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

/// The metrics in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "observe", responses(
    (status = 200, content_type = "text/plain", body = String, description = "The metrics"),
))]
pub(super) async fn metrics(State(registry): State<Registry>) -> Response {
    let mut text = String::new();
    // Collectors may be the user's.
    let encoded = caught(|| TextEncoder::new().encode_utf8(&registry.gather(), &mut text));
    match encoded.map(|encoded| encoded.map_err(|error| error.to_string())) {
        Ok(Ok(())) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Ok(Err(error)) | Err(error) => {
            log!(error, error, "the metrics cannot be told");
            let told = "the metrics cannot be told; the log says why";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, told).into_response()
        }
    }
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "observe", responses(
    (status = 200, content_type = "text/plain", body = String, description = "It does"),
))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether every job has a next run or a reason why not, and the store answers.
#[utoipa::path(get, path = "/readyz", tag = "observe", responses(
    (status = 200, body = Ready, description = "It is so"),
    (status = 503, body = Ready, description = "What is wrong"),
))]
pub(super) async fn ready(State(watched): State<Watched>) -> (StatusCode, Json<Ready>) {
    let readiness = watched.handle.readiness();
    let ready = readiness.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let problems = readiness.problems.into_iter().map(|problem| problem.public).collect();
    let degraded = caught(|| (watched.degraded)()).unwrap_or_else(|panic| {
        log!(error, panic, "what is degraded cannot be told");
        vec!["what is degraded cannot be told; the log says why".to_owned()]
    });
    (status, Json(Ready { ready, problems, degraded }))
}
