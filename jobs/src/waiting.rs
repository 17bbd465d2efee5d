//! What the port answers with while the database is waited for.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Json, Router};
use jobwatch_runtime::http;
use serde_json::json;

use crate::front::root;

/// Why the service is not ready: it waits for its database. Copies share the reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<Option<String>>>);

impl Waiting {
    /// Keeps what was wrong last.
    pub(crate) fn because(&self, trouble: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    /// The process is alive and not ready, and has nothing to show yet. The page says so to people.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(async || ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], "")))
            .route("/admin/{*path}", any(admin))
            .with_state(self.clone())
            .merge(http::page())
            .merge(root())
    }

    fn problem(&self) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(trouble) => format!("the database cannot be used yet: {trouble}"),
            None => "the database is being connected to".to_owned(),
        }
    }
}

async fn ready(State(waiting): State<Waiting>) -> impl IntoResponse {
    let body = json!({ "ready": false, "problems": [waiting.problem()], "degraded": [] });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

async fn admin(State(waiting): State<Waiting>) -> impl IntoResponse {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": waiting.problem() })))
}
