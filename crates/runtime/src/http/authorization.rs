//! Who may use the admin API.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::problem::Problem;

/// The token that the admin API asks for. It is never printed.
#[derive(Clone)]
pub struct AdminToken(Option<Arc<str>>);

impl AdminToken {
    /// Requests have to carry `Authorization: Bearer` and this token. Space around it is not part
    /// of it, so that a file may end with a line break. An empty token is none.
    pub fn new(token: impl AsRef<str>) -> Self {
        let token = token.as_ref().trim();
        Self((!token.is_empty()).then(|| token.into()))
    }

    /// No token is configured: every request is refused.
    pub const fn none() -> Self {
        Self(None)
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "AdminToken(***)" } else { "AdminToken(none)" })
    }
}

pub(super) async fn check(State(token): State<AdminToken>, request: Request, next: Next) -> Response {
    let Some(expected) = &token.0 else { return Problem::no_token().into_response() };
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let given = header.and_then(|header| header.split_once(' '));
    let matches = given.is_some_and(|(scheme, token)| {
        // Compared in constant time, so that the time that it takes does not tell how much of a
        // guess is right.
        scheme.eq_ignore_ascii_case("bearer") && token.trim().as_bytes().ct_eq(expected.as_bytes()).into()
    });
    if matches { next.run(request).await } else { Problem::unauthorized().into_response() }
}
