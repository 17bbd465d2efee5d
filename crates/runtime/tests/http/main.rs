//! The routers, as clients see them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod page;
mod service;
mod tokens;

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use insta::assert_snapshot;
use jobwatch_runtime::http::{AdminToken, AdminTokens, document, observe_with};
use jobwatch_runtime::testing::Fault;
use prometheus::Registry;
use serde_json::Value;
use tower::ServiceExt;

use service::{MINUTE, Service, TOKEN, service, show};
#[tokio::test(start_paused = true)]
async fn the_list_tells_what_runs_what_ran_and_what_will() {
    let service = service(AdminToken::new(TOKEN)).await;
    service.handle.trigger("send_mails").await.unwrap();
    service.handle.pause("nightly").await.unwrap();
    assert_snapshot!(service.ask("GET", "/admin/jobs", "").await);
    assert_snapshot!(service.ask("GET", "/admin/jobs/nightly", "").await);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_triggered_once() {
    let service = service(AdminToken::new(TOKEN)).await;
    let trigger = r#"{"job_name": "send_mails"}"#;
    assert_snapshot!(service.ask("POST", "/admin/jobs/trigger", trigger).await, @r#"
    202 Accepted
    {
      "run_id": "send_mails:2"
    }
    "#);
    assert_snapshot!(service.ask("POST", "/admin/jobs/trigger", trigger).await, @r#"
    409 Conflict
    {
      "error": "send_mails runs already, since 2026-03-01T10:31:00Z at HOLDER",
      "holder": "HOLDER",
      "run_id": "send_mails:2",
      "since": "2026-03-01T10:31:00Z"
    }
    "#);
    assert_snapshot!(service.ask("POST", "/admin/jobs/send_mails/cancel", "").await, @r#"
    202 Accepted
    {
      "job_name": "send_mails",
      "status": "stopping"
    }
    "#);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_snapshot!(service.ask("POST", "/admin/jobs/send_mails/cancel", "").await, @r#"
    409 Conflict
    {
      "error": "send_mails does not run"
    }
    "#);
    assert_snapshot!(service.ask("POST", "/admin/jobs/trigger", r#"{"job_name": "old"}"#).await, @r#"
    409 Conflict
    {
      "error": "old is disabled: the catalogue says so; mend that and restart"
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_same_idempotency_key_is_the_same_run_and_the_reason_is_in_the_history() {
    let service = service(AdminToken::new(TOKEN)).await;
    let trigger = async |key: &str, reason: &str| {
        let request = Request::post("/admin/jobs/trigger")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Body::from(format!(r#"{{"job_name": "send_mails", "reason": "{reason}"}}"#)));
        show(service.request(request.unwrap()).await).await
    };
    let first = trigger("one", "they are missing").await;
    assert!(first.starts_with("202"), "{first}");
    assert_eq!(trigger("one", "they are missing").await, first);
    assert!(trigger("two", "").await.starts_with("409"));
    assert_snapshot!(trigger("two", &"x".repeat(1_001)).await, @r#"
    422 Unprocessable Entity
    {
      "error": "the reason is too long: at most 1000 characters"
    }
    "#);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(trigger("one", "they are missing").await, first);
    let detail = service.ask("GET", "/admin/jobs/send_mails", "").await;
    assert_eq!(detail.matches(r#""reason": "they are missing""#).count(), 2, "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_job_is_paused_and_resumed() {
    let service = service(AdminToken::new(TOKEN)).await;
    assert_snapshot!(service.ask("POST", "/admin/jobs/nightly/pause", "").await, @r#"
    200 OK
    {
      "job_name": "nightly",
      "status": "paused"
    }
    "#);
    assert!(service.handle.detail("nightly", 0).await.unwrap().status.state.paused);
    assert_snapshot!(service.ask("POST", "/admin/jobs/nightly/resume", "").await, @r#"
    200 OK
    {
      "job_name": "nightly",
      "status": "resumed"
    }
    "#);
    assert!(!service.handle.detail("nightly", 0).await.unwrap().status.state.paused);
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_refused_with_the_next_step() {
    let service = service(AdminToken::new(TOKEN)).await;
    let mut told = String::new();
    let large = format!(r#"{{"job_name": "{}"}}"#, "x".repeat(100_000));
    for (method, path, body) in [
        ("POST", "/admin/jobs/trigger", r#"{"job_name": "send_mail"}"#),
        ("POST", "/admin/jobs/trigger", r#"{"name": "send_mails"}"#),
        ("POST", "/admin/jobs/trigger", r#"{"job_name": "send_mails", "force": true}"#),
        ("POST", "/admin/jobs/trigger", "send_mails"),
        ("POST", "/admin/jobs/trigger", ""),
        ("POST", "/admin/jobs/trigger", r#"["send_mails"]"#),
        ("POST", "/admin/jobs/trigger", r#" "send_mails""#),
        ("POST", "/admin/jobs/trigger", r#"{"job_name": "send_mails", "job_name": "nightly"}"#),
        ("POST", "/admin/jobs/trigger", &large),
        ("GET", "/admin/jobs/nope", ""),
        ("POST", "/admin/jobs/..%2F..%2Fetc/pause", ""),
        ("DELETE", "/admin/jobs/nightly", ""),
        ("GET", "/admin/jobs/%ff", ""),
        ("POST", "/admin/jobs/%ff/pause", ""),
        ("GET", "/admin/job", ""),
        ("GET", "/admin/%ff", ""),
        ("POST", "/admin/jobs/nightly/pause/now", ""),
        ("GET", "/admin/jobs/", ""),
        ("GET", "/admin", ""),
        ("PUT", "/admin/", ""),
    ] {
        let shown = if body.len() > 100 { "a body of 100 kB" } else { body };
        told += &format!("{method} {path} {shown}\n{}\n\n", service.ask(method, path, body).await);
    }
    assert_snapshot!(told);
}

#[tokio::test(start_paused = true)]
async fn a_body_is_json_whatever_its_header_says() {
    let mut tokens = 2..;
    let service = service(AdminToken::new(TOKEN)).await;
    // What curl sends with `-d`, nothing, and what others may send.
    for header in ["application/x-www-form-urlencoded", "", "text/plain; charset=utf-8", "\u{e9}"] {
        let mut request =
            Request::post("/admin/jobs/trigger").header("authorization", format!("Bearer {TOKEN}"));
        if !header.is_empty() {
            request = request.header("content-type", header.as_bytes());
        }
        let body = Body::from(r#"{"job_name": "send_mails"}"#);
        let answer = show(service.request(request.body(body).unwrap()).await).await;
        let run = format!(r#""run_id": "send_mails:{}""#, tokens.next().unwrap());
        assert!(answer.starts_with("202") && answer.contains(&run), "{header}: {answer}");
        tokio::time::sleep(MINUTE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_with_the_same_key_while_the_answer_is_awaited_gets_the_same_answer() {
    let service = service(AdminToken::new(TOKEN)).await;
    let trigger = async |key: &str| {
        let request = Request::post("/admin/jobs/trigger")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("idempotency-key", key)
            .body(Body::from(r#"{"job_name": "send_mails"}"#));
        show(service.request(request.unwrap()).await).await
    };
    service.store.set(Fault::Slow(Duration::from_secs(2)));
    let (one, same, other) = tokio::join!(trigger("one"), trigger("one"), trigger("two"));
    assert!(one.starts_with("202") && one.contains("send_mails:2"), "{one}");
    assert_eq!(same, one);
    assert!(other.starts_with("409") && other.contains("being started"), "{other}");
    tokio::time::sleep(MINUTE).await;
    service.store.set(Fault::Error);
    let (one, same) = tokio::join!(trigger("three"), trigger("three"));
    assert!(one.starts_with("503"), "{one}");
    assert_eq!(same, one);
    service.store.set(Fault::None);
    assert!(trigger("three").await.starts_with("202"));
}

#[tokio::test(start_paused = true)]
async fn a_store_or_a_service_that_is_going_away_is_said_to_be_unavailable() {
    let service = service(AdminToken::new(TOKEN)).await;
    service.store.set(Fault::Error);
    assert_snapshot!(service.ask("GET", "/admin/jobs", "").await, @r#"
    503 Service Unavailable
    {
      "error": "the store cannot tell the state: connection refused"
    }
    "#);
    assert_snapshot!(service.ask("GET", "/readyz", "").await, @r#"
    503 Service Unavailable
    {
      "degraded": [],
      "problems": [
        "since 2026-03-01T10:31:00Z: the store cannot tell the state"
      ],
      "ready": false
    }
    "#);
    service.store.set(Fault::None);
    assert!(service.ask("GET", "/admin/jobs", "").await.starts_with("200"));
    assert_snapshot!(service.ask("GET", "/readyz", "").await, @r#"
    200 OK
    {
      "degraded": [],
      "problems": [],
      "ready": true
    }
    "#);
    service.handle.shutdown();
    assert_snapshot!(service.ask("POST", "/admin/jobs/trigger", r#"{"job_name": "nightly"}"#).await, @r#"
    503 Service Unavailable
    {
      "error": "the service is shutting down"
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn what_prometheus_and_kubernetes_ask_for_needs_no_token() {
    let service = service(AdminTokens::none()).await;
    assert_eq!(service.ask("GET", "/healthz", "").await, "200 OK\nok\n");
    let metrics = service.request(Request::get("/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!(metrics.headers()["content-type"], "text/plain; version=0.0.4");
    let text = show(metrics).await;
    assert!(text.contains(r#"job_execution_total{job_name="send_mails",status="success"} 1"#), "{text}");
    assert!(text.contains(r#"job_queue_size{job_name="send_mails"} 7"#), "{text}");
}

/// A collector that panics.
struct Broken(prometheus::core::Desc);

impl prometheus::core::Collector for Broken {
    fn desc(&self) -> Vec<&prometheus::core::Desc> {
        vec![&self.0]
    }

    fn collect(&self) -> Vec<prometheus::proto::MetricFamily> {
        std::panic::panic_any("no connection")
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_the_services_own_and_panics_is_said_and_no_reason_not_to_answer() {
    let Service { handle, .. } = service(AdminTokens::none()).await;
    let registry = Registry::new();
    let desc = prometheus::core::Desc::new("a".to_owned(), "A.".to_owned(), vec![], Default::default());
    registry.register(Box::new(Broken(desc.unwrap()))).unwrap();
    let router = observe_with(handle, &registry, || std::panic::panic_any("no cache"));
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        show(router.clone().oneshot(request).await.unwrap()).await
    };
    assert_snapshot!(ask("/metrics").await, @r#"
    500 Internal Server Error
    {
      "error": "the metrics cannot be told; the log says why"
    }
    "#);
    assert_snapshot!(ask("/readyz").await, @r#"
    200 OK
    {
      "degraded": [
        "what is degraded cannot be told; the log says why"
      ],
      "problems": [],
      "ready": true
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn every_route_of_the_document_is_there_and_answers_as_it_says() {
    let service = service(AdminToken::new(TOKEN)).await;
    let served = service.request(Request::get("/admin/openapi.json").body(Body::empty()).unwrap()).await;
    let served = served.into_body().collect().await.unwrap().to_bytes();
    let document = serde_json::to_value(document()).unwrap();
    assert!(serde_json::from_slice::<Value>(&served).unwrap() == document);
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let uri = path.replace("{job_name}", "nightly");
            let body = if path.ends_with("trigger") { r#"{"job_name": "nightly"}"# } else { "" };
            let answer = service.ask(&method.to_uppercase(), &uri, body).await;
            let documented = operation["responses"].get(&answer[..3]);
            assert!(documented.is_some(), "{method} {path} answers {answer}");
            routes.push(format!("{method} {path} {}", &answer[..3]));
        }
    }
    assert_snapshot!(routes.join("\n"), @"
    get /admin/jobs 200
    post /admin/jobs/trigger 202
    get /admin/jobs/{job_name} 200
    post /admin/jobs/{job_name}/cancel 409
    post /admin/jobs/{job_name}/pause 200
    post /admin/jobs/{job_name}/resume 200
    get /admin/ui 200
    get /healthz 200
    get /metrics 200
    get /readyz 200
    ");
}
