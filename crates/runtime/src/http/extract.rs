//! What a request says, read.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::problem::Problem;
use crate::engine::handle::Handle;

/// The name of a job in a path.
pub(super) struct JobPath(pub(super) String);

impl FromRequestParts<Handle> for JobPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, handle: &Handle) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, handle).await {
            Ok(Path(job)) => Ok(Self(job)),
            // It is no UTF-8, and thus no job.
            Err(_) => Err(handle.unknown_job("\u{fffd}").into()),
        }
    }
}

/// An object of JSON in the body, whatever the header says that it is: `curl` calls everything a
/// form.
pub(super) struct JsonObject<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Handle> for JsonObject<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, handle: &Handle) -> Result<Self, Problem> {
        let body = axum::body::Bytes::from_request(request, handle).await?;
        if body.trim_ascii_start().first() != Some(&b'{') {
            // Serde would take an array for the values of the fields.
            let Json(IgnoredAny) = Json::from_bytes(&body)?;
            return Err(
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the body is no object").with_example()
            );
        }
        let Json(object) = Json::from_bytes(&body)?;
        Ok(Self(object))
    }
}
