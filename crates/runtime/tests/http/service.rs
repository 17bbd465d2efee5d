//! The service whose routers are tried.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::http::{AdminTokens, admin, observe};
use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::testing::{FaultyStore, VirtualClock};
use jobwatch_runtime::{Handle, Job, JobError, Report, RunContext, Runtime, Settings};
use prometheus::Registry;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const TOKEN: &str = "correct horse";

pub(crate) struct Service {
    pub(crate) router: Router,
    pub(crate) handle: Handle,
    pub(crate) store: FaultyStore<MemoryStore>,
}

async fn send_mails(run: RunContext) -> Result<Report, JobError> {
    tokio::select! {
        () = tokio::time::sleep(MINUTE / 2) => Ok(Report { succeeded: 3, failed: 1, skipped: 0 }),
        () = run.cancelled() => Err(JobError::Cancelled),
    }
}

/// A service at 10:31, with a job that runs once an hour for half a minute, another that fails, and
/// one that is disabled.
pub(crate) async fn service(tokens: impl Into<AdminTokens>) -> Service {
    let clock = std::sync::Arc::new(VirtualClock::at("2026-03-01T10:00:00Z".parse().unwrap()));
    let store = FaultyStore::new(MemoryStore::new(clock.clone()));
    let catalogue = Catalogue::builder("shop")
        .job(
            JobSpec::every("send_mails", 60 * MINUTE)
                .summary("Sends mails.")
                .items("mails")
                .queue("mails to send"),
        )
        .job(JobSpec::cron("nightly", "30 10 * * *", "UTC"))
        .job(JobSpec::every("old", MINUTE).enabled(false))
        .build()
        .unwrap();
    let registry = Registry::new();
    let runtime = Runtime::builder(catalogue)
        .job("send_mails", Job::new(send_mails).queue(async || 7))
        .job("nightly", async |_| Err::<(), _>(JobError::permanent("no such table: orders")))
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .registry(&registry)
        .store(store.clone())
        .clock(clock)
        .build()
        .unwrap();
    let handle = runtime.handle();
    tokio::spawn(runtime.run_until(std::future::pending()));
    tokio::time::sleep(31 * MINUTE).await;
    let router = observe(handle.clone(), &registry).merge(admin(handle.clone(), tokens));
    Service { router, handle, store }
}

impl Service {
    pub(crate) async fn request(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request with the token, and answers status and body. Who runs what differs each
    /// time, and is left out.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.ask_with(TOKEN, method, path, body).await
    }

    /// The same with any token.
    pub(crate) async fn ask_with(&self, token: &str, method: &str, path: &str, body: &str) -> String {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        show(self.request(request).await).await
    }
}

pub(crate) async fn show(response: Response<Body>) -> String {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(mut value) => {
            hide_holders(&mut value);
            serde_json::to_string_pretty(&value).unwrap()
        }
        Err(_) => String::from_utf8(body.to_vec()).unwrap(),
    };
    format!("{status}\n{text}")
}

fn hide_holders(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let holder = fields.get("holder").and_then(Value::as_str).map(str::to_owned);
            for (name, field) in fields.iter_mut() {
                if name == "holder" {
                    *field = "HOLDER".into();
                } else if let (Some(holder), Some(text)) = (&holder, field.as_str()) {
                    *field = text.replace(holder, "HOLDER").into();
                } else {
                    hide_holders(field);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide_holders),
        _ => {}
    }
}
