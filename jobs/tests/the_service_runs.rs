//! The service to whoever operates it: ports, tokens, signals, and what is exposed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use e2e::postgres::Postgres;
use serde_json::Value;
use tempfile::TempDir;

const TOKEN: &str = "correct-horse-battery";

fn command(folder: &Path, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
    command
        .current_dir(folder)
        .env("DATABASE_URL", database)
        .env("ADMIN_TOKEN", TOKEN)
        .env_remove("RUST_LOG");
    command
}

struct Service {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Service {
    fn start(database: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = command(folder.path(), database);
        let process = command.env("PORT", port.to_string()).stderr(log).spawn().unwrap();
        let mut service = Self { process, port, folder };
        service.wait_for("/readyz", "200");
        service
    }

    fn wait_for(&mut self, path: &str, status: &str) {
        let begun = Instant::now();
        while self.ask("GET", path, "", "").is_none_or(|answer| answer.0 != status) {
            assert!(self.process.try_wait().unwrap().is_none(), "{}", self.log());
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Sends a request, and answers status and body.
    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.to_owned(), body.to_owned()))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The value of a sample on `/metrics`.
    fn sample(&self, series: &str) -> Option<f64> {
        let (_, text) = self.ask("GET", "/metrics", "", "")?;
        let line = text.lines().find(|line| line.starts_with(series))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    fn terminate(mut self) -> (bool, String) {
        assert!(Command::new("kill").arg(self.process.id().to_string()).status().unwrap().success());
        let ended = self.process.wait().unwrap();
        (ended.success(), self.log())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What somebody on call does, on a database.
fn check(database: &str) {
    let service = Service::start(database);
    let (status, body) = service.ask("GET", "/admin/jobs", TOKEN, "").unwrap();
    assert_eq!(status, "200");
    let jobs: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 6);
    assert_eq!(service.ask("GET", "/admin/jobs", "wrong", "").unwrap().0, "401");

    let trigger = r#"{"job_name": "hot_score_refresh"}"#;
    let (status, body) = service.ask("POST", "/admin/jobs/trigger", TOKEN, trigger).unwrap();
    assert_eq!((status.as_str(), body.as_str()), ("202", r#"{"run_id":"hot_score_refresh:1"}"#));
    let succeeded = r#"job_execution_total{job_name="hot_score_refresh",status="success"}"#;
    let begun = Instant::now();
    while service.sample(succeeded) != Some(1.0) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", service.log());
        sleep(Duration::from_millis(20));
    }
    // The interval in force is exposed, and a job that is disabled says so.
    assert_eq!(service.sample(r#"job_schedule_interval_seconds{job_name="hot_score_refresh"}"#), Some(300.0));
    assert_eq!(service.sample(r#"job_schedule_interval_seconds{job_name="clip_sync"}"#), Some(0.0));

    let (clean, log) = service.terminate();
    assert!(clean, "{log}");
    // What the runbook greps for.
    assert!(log.contains("Starting hot_score_refresh scheduler"), "{log}");
    assert!(log.contains(r#""job_name":"hot_score_refresh","run_id":"hot_score_refresh:1""#), "{log}");
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn it_serves_from_a_file_of_sqlite() {
    check("sqlite:clipper.sqlite");
}

#[test]
fn it_serves_from_postgres() {
    let server = Postgres::start();
    check(&server.url("service", ""));
}

fn execute(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = command(folder, "sqlite:clipper.sqlite");
    let Output { status, stdout, stderr } =
        command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn a_job_is_run_once_in_the_foreground() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=2 {
        let (code, out, log) = execute(folder.path(), &["run", "trending_score_refresh"], &[]);
        assert_eq!(code, 0, "{log}");
        assert!(out.starts_with(&format!("trending_score_refresh:{number} succeeded: 0 succeeded")), "{out}");
    }
    let (code, _, error) = execute(folder.path(), &["run", "trending"], &[]);
    assert_eq!(code, 2);
    assert!(error.contains("there is no job `trending`; the jobs are hot_score_refresh, "), "{error}");
    let (code, _, error) = execute(folder.path(), &["run", "clip_sync"], &[]);
    assert_eq!(code, 2);
    assert!(error.contains("clip_sync is disabled"), "{error}");
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("DATABASE_URL", "postgres://clipper:hunter2@db.internal/clipper"),
        ("HOT_SCORE_REFRESH_INTERVAL", "600s"),
        ("REPUTATION_TASKS_ENABLED", "no"),
    ];
    let (code, out, _) = execute(folder.path(), &["config"], &variables);
    assert_eq!(code, 0);
    assert!(!out.contains("hunter2") && !out.contains(TOKEN), "{out}");
    let line = |variable: &str| {
        let line = out.lines().find(|line| line.starts_with(variable)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("DATABASE_URL"), "postgres://clipper:***@db.internal/clipper environment");
    assert_eq!(line("ADMIN_TOKEN"), "*** environment");
    assert_eq!(line("HOT_SCORE_REFRESH_INTERVAL"), "every 10m environment");
    assert_eq!(line("REPUTATION_TASKS_ENABLED"), "false environment");
    assert_eq!(line("TRENDING_SCORE_REFRESH_INTERVAL"), "every 1h catalogue");
}

#[test]
fn settings_that_cannot_be_used_are_named_all_at_once_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("DATABASE_URL", "mysql://clipper:hunter2@db.internal/clipper"),
        ("PORT", "http"),
        ("HOT_SCORE_REFRESH_INTERVAL", "5"),
        ("REPUTATION_TASKS_ENABLED", "perhaps"),
        ("TRENDING_SCORE_REFRESH_BATCH_SIZE", "0"),
        ("ADMIN_TOKEN_FILE", "token"),
    ];
    let (code, out, error) = execute(folder.path(), &["serve"], &variables);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        error,
        "clipper-jobs: settings that cannot be used:
- DATABASE_URL: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`
- PORT is `http`; write a port from 1 to 65535, or 0 for any that is free
- ADMIN_TOKEN: set either ADMIN_TOKEN or ADMIN_TOKEN_FILE, not both
- HOT_SCORE_REFRESH_INTERVAL is `5`; write a duration from 1s to 366d, as `90s`, `5m` or `6h`
- TRENDING_SCORE_REFRESH_BATCH_SIZE is `0`; write a number from 1 to 1000000
- REPUTATION_TASKS_ENABLED is `perhaps`; write `true` or `false`
"
    );
}

#[test]
fn a_database_that_cannot_be_reached_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::start();
    let url = server.url("service", "");
    drop(server);
    let log = folder.path().join("log");
    let mut waiting =
        command(folder.path(), &url).stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
    let begun = Instant::now();
    let told = || std::fs::read_to_string(&log).unwrap().contains("the database cannot be used yet");
    while !told() {
        assert!(begun.elapsed() < Duration::from_secs(40));
        sleep(Duration::from_millis(50));
    }
    assert_eq!(waiting.try_wait().unwrap(), None, "it goes on trying");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}
