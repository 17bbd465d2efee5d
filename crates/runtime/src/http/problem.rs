//! What a request is refused with.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::request_error::RequestError;

/// A request that was refused, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// What is wrong, for people.
    error: String,
    /// The names of all jobs, where the one that was asked for is not among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    known_jobs: Vec<String>,
    /// The run that is in progress already.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    /// Who runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), known_jobs: Vec::new(), run_id: None, holder: None, since: None }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Shows what a body has to look like.
    pub(super) fn with_example(mut self) -> Self {
        self.error += r#"; send JSON like {"job_name": "…"}"#;
        self
    }

    pub(super) fn no_token() -> Self {
        Self::new(StatusCode::FORBIDDEN, "no admin token is configured, so that nobody may use the admin API")
    }

    /// A token is not for what was asked with it.
    pub(super) fn read_only(token: &str) -> Self {
        let error = format!("the token `{token}` may only read; ask with one that may operate");
        Self::new(StatusCode::FORBIDDEN, error)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "send the admin token: `Authorization: Bearer …`")
    }

    pub(super) fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here; /admin/openapi.json lists what there is")
    }

    pub(super) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "the request has taken too long")
    }

    pub(super) fn wrong_method() -> Self {
        let error = "this is asked for with another method; /admin/openapi.json says which";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, error)
    }
}

impl From<RequestError> for Problem {
    fn from(refused: RequestError) -> Self {
        let error = refused.to_string();
        match refused {
            RequestError::UnknownJob { known, .. } => {
                Self { known_jobs: known, ..Self::new(StatusCode::NOT_FOUND, error) }
            }
            RequestError::AlreadyRunning(lease) => Self {
                run_id: Some(lease.run().to_string()),
                holder: Some(lease.holder.to_string()),
                since: Some(lease.since),
                ..Self::new(StatusCode::CONFLICT, error)
            },
            RequestError::Starting(_) | RequestError::NotRunning(_) | RequestError::Disabled { .. } => {
                Self::new(StatusCode::CONFLICT, error)
            }
            RequestError::UnknownRun(_) => Self::new(StatusCode::NOT_FOUND, error),
            RequestError::NoRoom { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, error),
            RequestError::TooLong(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, error),
            RequestError::ShuttingDown | RequestError::Store(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
            }
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text()).with_example()
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text()).with_example()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
