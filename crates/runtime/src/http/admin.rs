//! The routes of the admin side.

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, any, get, post};
use axum::{Json, Router, middleware};

use super::authorization::{AdminToken, check};
use super::problem::Problem;
use super::{actions, openapi};
use crate::engine::handle::Handle;

/// The largest body that a request may have, in bytes: many times what any needs.
const LARGEST_BODY: usize = 16 * 1024;

/// What answers where there is nothing.
fn nothing() -> MethodRouter<Handle> {
    any(async || Problem::no_route())
}

/// `/admin/jobs` and what can be done with jobs, for requests that carry the token;
/// `/admin/openapi.json` for all.
pub fn admin(handle: Handle, token: AdminToken) -> Router {
    Router::new()
        .route("/admin/jobs", get(actions::list))
        .route("/admin/jobs/trigger", post(actions::trigger))
        .route("/admin/jobs/{job_name}", get(actions::detail))
        .route("/admin/jobs/{job_name}/pause", post(actions::pause))
        .route("/admin/jobs/{job_name}/resume", post(actions::resume))
        .route("/admin/jobs/{job_name}/cancel", post(actions::cancel))
        .route("/admin", nothing())
        .route("/admin/", nothing())
        .route("/admin/{*path}", nothing())
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(token, check))
        .with_state(handle)
        .route("/admin/openapi.json", get(async || Json(openapi::document())))
}
