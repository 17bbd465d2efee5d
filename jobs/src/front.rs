//! What the port answers with: at first that the database is waited for, and then everything.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use jobwatch_runtime::http;
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::readiness::Ready;

/// A router that can be replaced while it serves, for connections that are open already, too.
/// Copies share it.
#[derive(Debug, Clone)]
pub(crate) struct Front(Arc<RwLock<Router>>);

impl Front {
    pub(crate) fn new(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }

    /// Every request from now on goes to another router.
    pub(crate) fn replace(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    /// Serves for ever, and whoever is slow or opens many connections keeps nobody from it.
    pub(crate) async fn serve(self, listener: TcpListener) -> Infallible {
        let router = Router::new().fallback(pass_on).with_state(self);
        http::serve(listener, router, http::Limits::default()).await
    }
}

async fn pass_on(State(front): State<Front>, request: Request) -> Result<Response, Infallible> {
    let router = front.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    router.oneshot(request).await
}

/// Why the service is not ready: it waits for its database. Copies share the reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<Option<String>>>);

impl Waiting {
    /// Keeps what was wrong last.
    pub(crate) fn because(&self, trouble: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    /// The process is alive and not ready, and has nothing to show yet.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(async || ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], "")))
            .route("/admin/{*path}", any(admin))
            .with_state(self.clone())
    }

    fn problem(&self) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(trouble) => format!("the database cannot be used yet: {trouble}"),
            None => "the database is being connected to".to_owned(),
        }
    }
}

async fn ready(State(waiting): State<Waiting>) -> impl IntoResponse {
    let body = Ready { ready: false, problems: vec![waiting.problem()], degraded: Vec::new() };
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

async fn admin(State(waiting): State<Waiting>) -> impl IntoResponse {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": waiting.problem() })))
}
