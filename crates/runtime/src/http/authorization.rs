//! Lets those pass who have a token.

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::token::AdminTokens;

/// Refuses a request without a token, and notes who asks with one.
pub(super) async fn check(State(tokens): State<AdminTokens>, mut request: Request, next: Next) -> Response {
    if tokens.is_empty() {
        return Problem::no_token().into_response();
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let given = header.and_then(|header| header.split_once(' '));
    let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match given.and_then(|(_, secret)| tokens.find(secret)) {
        Some(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        None => Problem::unauthorized().into_response(),
    }
}
