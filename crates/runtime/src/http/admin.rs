//! The routes of the admin side.

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, any, get, post};
use axum::{Json, Router, middleware};

use super::authorization::check;
use super::page::page;
use super::problem::Problem;
use super::token::AdminTokens;
use super::{actions, openapi};
use crate::engine::handle::Handle;

/// The largest body that a request may have, in bytes: many times what any needs.
const LARGEST_BODY: usize = 16 * 1024;

/// What answers where there is nothing.
fn nothing() -> MethodRouter<Handle> {
    any(async || Problem::no_route())
}

/// `/admin/jobs` and what can be done with jobs, for requests that carry a token;
/// `/admin/openapi.json`, and [`page`] for people, for all. What is done, by whom, and with which
/// answer, is logged.
pub fn admin(handle: Handle, tokens: impl Into<AdminTokens>) -> Router {
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
        .layer(middleware::from_fn_with_state(tokens.into(), check))
        .with_state(handle)
        .route("/admin/openapi.json", get(async || Json(openapi::document())))
        .merge(page())
}
