//! The admin API against its own description, which the service hands out.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::postgres::Postgres;
use e2e::waiting::wait;
use jsonschema::Validator;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::process::{Service, TOKEN, twitch_at};

const TRIGGER: &str = "/admin/jobs/trigger";

/// An operation of the document: method, path with parameters, and statuses.
type Operation = (Method, String, BTreeSet<u16>);

/// The description, and the answers that were held against it.
struct Description {
    document: Value,
    seen: BTreeSet<(String, u16)>,
}

impl Description {
    async fn of(service: &Service) -> Self {
        let (status, body) = service.ask(Method::GET, "/admin/openapi.json", "", None).await.unwrap();
        assert_eq!(status, 200);
        Self { document: serde_json::from_str(&body).unwrap(), seen: BTreeSet::new() }
    }

    fn operations(&self) -> Vec<Operation> {
        let paths = self.document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().map(move |(method, operation)| {
                let statuses = operation["responses"].as_object().unwrap().keys();
                let method = method.to_uppercase().parse().unwrap();
                (method, path.clone(), statuses.map(|status| status.parse().unwrap()).collect())
            })
        });
        operations.collect()
    }

    /// The schema of an answer, with what it refers to. A field that it does not have is a mistake.
    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        schema["unevaluatedProperties"] = json!(false);
        jsonschema::draft202012::new(&schema).unwrap()
    }

    /// Sends a request to a path in which `{job_name}` stands for a job, and holds the answer
    /// against the description.
    async fn call(&mut self, service: &Service, request: &Request<'_>) -> (u16, Value) {
        let Request { method, path, job, token, body: (kind, body) } = request;
        let mut sent = service
            .client()
            .request(method.clone(), service.url(&path.replace("{job_name}", job)))
            .header(CONTENT_TYPE, *kind)
            .body(body.clone());
        if !token.is_empty() {
            sent = sent.bearer_auth(token);
        }
        let answer = sent.send().await.unwrap();
        let (status, kind) = (answer.status().as_u16(), answer.headers().get(CONTENT_TYPE).cloned());
        let asks_for_token = answer.headers().get(WWW_AUTHENTICATE).is_some_and(|scheme| scheme == "Bearer");
        assert_eq!(asks_for_token, status == 401);
        let (kind, body) = (kind.unwrap(), answer.text().await.unwrap());

        let operation = format!("{method} {path}");
        let described = &self.document["paths"][path][method.as_str().to_lowercase()]["responses"];
        let content = described[status.to_string()]["content"].as_object();
        let content = content.unwrap_or_else(|| panic!("{operation} does not describe {status}: {body}"));
        let (described, content) = content.iter().next().unwrap();
        assert!(kind.to_str().unwrap().starts_with(described), "{operation} {status}: {kind:?}");
        self.seen.insert((operation.clone(), status));
        if described != "application/json" {
            return (status, Value::String(body));
        }
        let body = serde_json::from_str(&body).unwrap();
        if let Err(error) = self.validator(&content["schema"]).validate(&body) {
            panic!("{operation} {status}: {error} at {} of {body}", error.instance_path());
        }
        (status, body)
    }
}

/// A request, with the kind of its body.
#[derive(Clone)]
struct Request<'a> {
    method: Method,
    path: &'a str,
    job: &'a str,
    token: &'a str,
    body: (&'a str, String),
}

impl<'a> Request<'a> {
    /// A request as the description has it, about a job.
    fn new(method: &Method, path: &'a str, job: &'a str) -> Self {
        let body = if path == TRIGGER { json!({"job_name": job}).to_string() } else { String::new() };
        Self { method: method.clone(), path, job, token: TOKEN, body: ("application/json", body) }
    }

    fn trigger(kind: &'a str, body: impl Into<String>) -> Self {
        Self { body: (kind, body.into()), ..Self::new(&Method::POST, TRIGGER, "") }
    }
}

/// A service whose `clip_sync` waits for an answer of Twitch that does not come.
pub(crate) async fn waiting_for_twitch() -> (Service, TwitchService) {
    let twitch = TwitchService::start().await.unwrap();
    twitch.moods().lasting(Some(Mood::Silent));
    let service = Service::start(&twitch_at(twitch.url().as_str())).await;
    (service, twitch)
}

#[tokio::test]
async fn every_answer_is_as_described_and_every_described_answer_can_be_had() {
    let (service, _twitch) = waiting_for_twitch().await;
    let closed = Service::start(&[("ADMIN_TOKEN", "")]).await;
    let server = Postgres::start();
    let lost = Service::start(&[("DATABASE_URL", &server.url("service", ""))]).await;
    drop(server);

    let mut description = Description::of(&service).await;
    let operations = description.operations();
    for (method, path, _) in &operations {
        // A run that has to wait for Twitch makes what follows it a second one.
        for job in ["clip_sync", "clip_sync", "hot_score", "%F0%9F%98%80", "hot_score_refresh"] {
            description.call(&service, &Request::new(method, path, job)).await;
        }
        let request = Request::new(method, path, "clip_sync");
        description.call(&service, &Request { token: "", ..request.clone() }).await;
        description.call(&service, &Request { token: "wrong", ..request.clone() }).await;
        description.call(&closed, &request).await;
        description.call(&lost, &Request::new(method, path, "hot_score_refresh")).await;
    }
    let json = "application/json";
    let trigger = r#"{"job_name": "hot_score_refresh"}"#;
    let large = format!(r#"{{"job_name": "{}"}}"#, "a".repeat(20 << 10));
    for (kind, body, expected, part) in [
        (json, "{", 400, "EOF while parsing"),
        (json, "", 400, "send JSON like"),
        (json, r#"{"job_name": "hot_score_refresh", "force": true}"#, 422, "unknown field `force`"),
        (json, r#"{"job_name": 7}"#, 422, "expected a string"),
        (json, "{}", 422, "missing field `job_name`"),
        (json, &large, 413, "length limit"),
        // As curl sends what it is given, and nobody says that it is JSON.
        ("application/x-www-form-urlencoded", trigger, 202, ""),
    ] {
        let (status, body) = description.call(&service, &Request::trigger(kind, body)).await;
        assert_eq!(status, expected, "{body}");
        assert!(part.is_empty() || body["error"].as_str().unwrap().contains(part), "{body}");
    }

    let described: BTreeSet<_> = operations
        .iter()
        .flat_map(|(method, path, statuses)| {
            statuses.iter().map(move |status| (format!("{method} {path}"), *status))
        })
        .collect();
    let unseen: Vec<_> = described.difference(&description.seen).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[tokio::test]
async fn a_second_run_is_refused_with_the_first_until_that_is_stopped() {
    let (service, _twitch) = waiting_for_twitch().await;
    let trigger = async || {
        let body = json!({"job_name": "clip_sync"});
        let (status, body) = service.ask(Method::POST, TRIGGER, TOKEN, Some(&body)).await.unwrap();
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (status, first) = trigger().await;
    assert_eq!(status, 202);
    let (status, second) = trigger().await;
    assert_eq!((status, &second["run_id"]), (409, &first["run_id"]), "{second}");
    let (_, detail) = service.admin(Method::GET, "/admin/jobs/clip_sync").await;
    let running = &detail["running"];
    assert_eq!((&second["holder"], &second["since"]), (&running["holder"], &running["since"]));

    assert_eq!(service.admin(Method::POST, "/admin/jobs/clip_sync/cancel").await.0, 202);
    wait("the run to stop", async || {
        let (_, detail) = service.admin(Method::GET, "/admin/jobs/clip_sync").await;
        (detail["running"].is_null() && detail["last_run"]["run_id"] == first["run_id"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_answered_with_what_can() {
    let service = Service::start(&[]).await;
    let (status, body) = service.admin(Method::GET, "/admin/jobs/hot_score").await;
    assert_eq!(status, 404);
    let (_, jobs) = service.admin(Method::GET, "/admin/jobs").await;
    let names: Vec<_> = jobs["jobs"].as_array().unwrap().iter().map(|job| &job["name"]).collect();
    assert_eq!(body["known_jobs"].as_array().unwrap().iter().collect::<Vec<_>>(), names);
    for (method, path, expected) in [
        (Method::GET, "/admin/nothing", 404),
        (Method::DELETE, "/admin/jobs", 405),
        (Method::GET, "/admin/jobs/clip_sync/pause", 405),
    ] {
        let (status, body) = service.admin(method, path).await;
        assert_eq!(status, expected);
        assert!(body["error"].as_str().unwrap().contains("/admin/openapi.json"), "{body}");
    }
}

#[tokio::test]
async fn the_log_tells_by_name_who_has_asked_for_what() {
    let tokens = [("ADMIN_TOKENS", "alice:operate:battery, bob:read:staple")];
    let service = Service::start(&tokens).await;
    for (token, expected) in [("staple", 403), ("battery", 200)] {
        let path = "/admin/jobs/hot_score_refresh/pause";
        let (status, _) = service.ask(Method::POST, path, token, None).await.unwrap();
        assert_eq!(status, expected);
        assert_eq!(service.ask(Method::GET, "/admin/jobs", token, None).await.unwrap().0, 200);
    }
    let (_, log) = service.terminate();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<_> = lines
        .filter(|line| line["message"] == "the admin API was asked")
        .map(|line| json!([line["token"], line["action"], line["job_name"], line["status"]]))
        .collect();
    let expected = [("bob", 403), ("alice", 200)];
    assert_eq!(told, expected.map(|(name, status)| json!([name, "pause", "hot_score_refresh", status])));
    assert!(!log.contains("battery") && !log.contains("staple"));
}

#[tokio::test]
async fn people_are_led_to_the_page_even_while_the_database_is_waited_for() {
    let nowhere = [("DATABASE_URL", "postgres://clipper@127.0.0.1:1/clipper")];
    let mut waiting = Service::spawn_in(tempfile::tempdir().unwrap(), &nowhere);
    waiting.wait_for("/healthz", 200).await;
    for (service, expected) in [(&Service::start(&[]).await, 200), (&waiting, 503)] {
        let page = service.client().get(service.url("/")).send().await.unwrap();
        assert!(page.url().path().ends_with("/admin/ui"), "{}", page.url());
        assert!(page.text().await.unwrap().contains("Token of the admin API"));
        assert_eq!(service.admin(Method::GET, "/admin/jobs").await.0, expected);
    }
}

/// As a client that goes on sending while it is refused: the connection may break before all is
/// sent, but not before the answer.
#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_before_it_is_read() {
    let service = Service::start(&[]).await;
    let mut connection = TcpStream::connect(("127.0.0.1", service.port())).unwrap();
    let size = 10 << 20;
    write!(
        connection,
        "POST {TRIGGER} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    )
    .unwrap();
    let _ = connection.write_all(&vec![b' '; size]);
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("length limit exceeded"), "{answer}");
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
}
