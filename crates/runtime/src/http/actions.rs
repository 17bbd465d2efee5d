//! What people on call do with jobs.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};

use super::audit::audited;
use super::extract::{JobPath, JsonObject};
use super::problem::Problem;
use super::token::Caller;
use super::wire::{Detail, Done, Jobs, Trigger, Triggered};
use crate::engine::handle::Handle;
use crate::job::request::Request;

/// How many due times the detail of a job lists.
const UPCOMING: usize = 5;

type Answer<T> = Result<T, Problem>;

/// Lists all jobs, and says who asks.
#[utoipa::path(get, path = "/admin/jobs", tag = "admin", security(("token" = [])), responses(
    (status = 200, body = Jobs, description = "All jobs"),
    (status = 401, body = Problem, description = "The token is missing or wrong"),
    (status = 403, body = Problem, description = "No token is configured"),
    (status = 503, body = Problem, description = "The store does not answer"),
))]
pub(super) async fn list(
    State(handle): State<Handle>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Jobs>> {
    let jobs = handle.list().await?;
    Ok(Json(Jobs::new(handle.service(), &caller, jobs)))
}

/// Shows a job with its history and its next due times.
#[utoipa::path(get, path = "/admin/jobs/{job_name}", tag = "admin", security(("token" = [])),
    params(("job_name" = String, Path, description = "The job's name")),
    responses(
        (status = 200, body = Detail, description = "The job"),
        (status = 401, body = Problem, description = "The token is missing or wrong"),
        (status = 403, body = Problem, description = "No token is configured"),
        (status = 404, body = Problem, description = "There is no such job; the known ones are named"),
        (status = 503, body = Problem, description = "The store does not answer"),
    ))]
pub(super) async fn detail(State(handle): State<Handle>, JobPath(job): JobPath) -> Answer<Json<Detail>> {
    Ok(Json(handle.detail(&job, UPCOMING).await?.into()))
}

/// Runs a job now, beside its schedule.
#[utoipa::path(post, path = "/admin/jobs/trigger", tag = "admin", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "The same key means the same run, should the answer be lost: at most 200 characters")),
    request_body(content = Trigger, description = "JSON, whatever the header says that it is"),
    responses(
        (status = 202, body = Triggered, description = "The run has begun, or had with the same key"),
        (status = 400, body = Problem, description = "The body is no JSON"),
        (status = 401, body = Problem, description = "The token is missing or wrong"),
        (status = 403, body = Problem, description = "No token is configured, or this one may only read"),
        (status = 404, body = Problem, description = "There is no such job; the known ones are named"),
        (status = 409, body = Problem, description = "It runs already, here or elsewhere, or it is disabled"),
        (status = 413, body = Problem, description = "The body is too large"),
        (status = 422, body = Problem, description = "The body has not the form of a trigger, or a text is too long"),
        (status = 503, body = Problem, description = "The service shuts down, or the store does not answer"),
    ))]
pub(super) async fn trigger(
    State(handle): State<Handle>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    JsonObject(Trigger { job_name, reason }): JsonObject<Trigger>,
) -> Answer<(StatusCode, Json<Triggered>)> {
    let idempotency_key =
        headers.get("idempotency-key").map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
    let triggered = handle.trigger_with(&job_name, Request { reason, idempotency_key });
    let run_id = audited(&caller, "trigger", &job_name, StatusCode::ACCEPTED, triggered).await?.to_string();
    Ok((StatusCode::ACCEPTED, Json(Triggered { run_id })))
}

/// Has a job's due times skipped on all replicas, until it is resumed. A run in progress goes on.
#[utoipa::path(post, path = "/admin/jobs/{job_name}/pause", tag = "admin", security(("token" = [])),
    params(("job_name" = String, Path, description = "The job's name")),
    responses(
        (status = 200, body = Done, description = "It is done"),
        (status = 401, body = Problem, description = "The token is missing or wrong"),
        (status = 403, body = Problem, description = "No token is configured, or this one may only read"),
        (status = 404, body = Problem, description = "There is no such job; the known ones are named"),
        (status = 503, body = Problem, description = "The store does not answer"),
    ))]
pub(super) async fn pause(
    State(handle): State<Handle>,
    Extension(caller): Extension<Caller>,
    JobPath(job_name): JobPath,
) -> Answer<Json<Done>> {
    audited(&caller, "pause", &job_name, StatusCode::OK, handle.pause(&job_name)).await?;
    Ok(Json(Done { job_name, status: "paused" }))
}

/// Resumes a job that was paused.
#[utoipa::path(post, path = "/admin/jobs/{job_name}/resume", tag = "admin", security(("token" = [])),
    params(("job_name" = String, Path, description = "The job's name")),
    responses(
        (status = 200, body = Done, description = "It is done"),
        (status = 401, body = Problem, description = "The token is missing or wrong"),
        (status = 403, body = Problem, description = "No token is configured, or this one may only read"),
        (status = 404, body = Problem, description = "There is no such job; the known ones are named"),
        (status = 503, body = Problem, description = "The store does not answer"),
    ))]
pub(super) async fn resume(
    State(handle): State<Handle>,
    Extension(caller): Extension<Caller>,
    JobPath(job_name): JobPath,
) -> Answer<Json<Done>> {
    audited(&caller, "resume", &job_name, StatusCode::OK, handle.resume(&job_name)).await?;
    Ok(Json(Done { job_name, status: "resumed" }))
}

/// Stops the run of a job, wherever it runs. Its due time is not run again.
#[utoipa::path(post, path = "/admin/jobs/{job_name}/cancel", tag = "admin", security(("token" = [])),
    params(("job_name" = String, Path, description = "The job's name")),
    responses(
        (status = 202, body = Done, description = "The run was told to stop"),
        (status = 401, body = Problem, description = "The token is missing or wrong"),
        (status = 403, body = Problem, description = "No token is configured, or this one may only read"),
        (status = 404, body = Problem, description = "There is no such job; the known ones are named"),
        (status = 409, body = Problem, description = "It does not run"),
        (status = 503, body = Problem, description = "The store does not answer"),
    ))]
pub(super) async fn cancel(
    State(handle): State<Handle>,
    Extension(caller): Extension<Caller>,
    JobPath(job_name): JobPath,
) -> Answer<(StatusCode, Json<Done>)> {
    audited(&caller, "cancel", &job_name, StatusCode::ACCEPTED, handle.cancel(&job_name)).await?;
    Ok((StatusCode::ACCEPTED, Json(Done { job_name, status: "stopping" })))
}
