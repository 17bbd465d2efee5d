//! `/readyz`, which anybody may ask: it says which part is in trouble, and the log says why.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jobwatch_runtime::Handle;
use serde::Serialize;

use crate::peers::Peers;

/// What stands before the reason in a problem of the runtime's store.
const STORE: &str = "the store cannot ";

/// The route, in place of the runtime's own.
pub(crate) fn router(handle: Handle, peers: Peers) -> Router {
    Router::new().route("/readyz", get(ready)).with_state((handle, peers))
}

/// What is answered, in the form of the runtime's own route.
#[derive(Serialize)]
pub(crate) struct Ready {
    pub(crate) ready: bool,
    pub(crate) problems: Vec<String>,
    pub(crate) degraded: Vec<String>,
}

async fn ready(State((handle, peers)): State<(Handle, Peers)>) -> (StatusCode, Json<Ready>) {
    let readiness = handle.readiness();
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let problems = readiness.problems.iter().map(|problem| without_reason(problem).to_owned()).collect();
    (status, Json(Ready { ready: readiness.is_ready(), problems, degraded: peers.troubles() }))
}

/// A problem without what a database says about it.
fn without_reason(problem: &str) -> &str {
    let Some((before, after)) = problem.split_once(STORE) else { return problem };
    let action = after.split(": ").next().unwrap_or_default();
    &problem[..before.len() + STORE.len() + action.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(problem: &str, expected: &str) {
        assert_eq!(without_reason(problem), expected);
    }

    #[test]
    fn what_a_database_says_is_left_out() {
        let since = "since 2026-03-01T10:00:00Z: the store cannot renew a lease";
        check(&format!("{since}: error returned from database: no such table: secret"), since);
        check(since, since);
        check("clip_sync has no next run", "clip_sync has no next run");
    }
}
