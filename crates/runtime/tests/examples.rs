//! The examples do what they say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(dead_code, reason = "each example has a main function, which nobody calls here")]

#[path = "../examples/in_an_axum_service.rs"]
mod in_an_axum_service;
#[path = "../examples/opentelemetry.rs"]
mod opentelemetry_example;
#[path = "../examples/two_jobs.rs"]
mod two_jobs;

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_runtime::http::AdminToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn two_jobs_are_counted() {
    let text = two_jobs::metrics_after(Duration::from_secs(3)).await.unwrap();
    for sample in [
        "job_execution_total{job_name=\"send_mails\",status=\"success\"} 1",
        "job_execution_total{job_name=\"clean_up\",status=\"success\"} 1",
        "job_queue_size{job_name=\"send_mails\"} 12",
    ] {
        assert!(text.lines().any(|line| line == sample), "{sample} in\n{text}");
    }
}

#[tokio::test]
async fn runs_are_spans_with_their_attempts() {
    let spans = opentelemetry_example::spans().await.unwrap();
    let lines: Vec<String> = spans.iter().map(opentelemetry_example::described).collect();
    assert_snapshot!(lines.join("\n"), @"
    attempt: job_name=send_mails run_id=send_mails:1 attempt=1
    attempt: job_name=send_mails run_id=send_mails:1 attempt=2
    run: job_name=send_mails run_id=send_mails:1 trigger=request outcome=succeeded
    ");
    let run = spans.last().unwrap();
    for attempt in &spans[..2] {
        assert_eq!(attempt.parent_span_id, run.span_context.span_id());
    }
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer secret\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_service_has_jobs_beside_its_own_routes() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ending = CancellationToken::new();
    let asked = async {
        let answers =
            [get(&address, "/").await, get(&address, "/metrics").await, get(&address, "/admin/jobs").await];
        ending.cancel();
        answers
    };
    let served =
        in_an_axum_service::serve(listener, folder.path(), AdminToken::new("secret").into(), ending.clone());
    let ([welcome, metrics, jobs], report) = tokio::join!(asked, served);
    assert!(welcome.ends_with("Welcome.\n"), "{welcome}");
    assert!(metrics.contains("shop_visits_total 1") && metrics.contains("job_execution_total"), "{metrics}");
    assert!(jobs.contains("Sends mails."), "{jobs}");
    assert!(report.unwrap().is_clean());
}

/// The lines of a program that are not blank.
fn lines(program: &str) -> usize {
    program.lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn the_same_two_jobs_are_no_longer_here_than_elsewhere() {
    let readme = include_str!("../README.md");
    let blocks = readme.split("```rust,no_run\n").skip(1).filter_map(|rest| rest.split("```").next());
    // Other blocks show a part of a program.
    let programs = blocks.filter(|block| block.contains("#[tokio::main]"));
    let programs: Vec<(&str, usize)> = programs.map(|program| (program, lines(program))).collect();
    let [(ours, length), others @ ..] = programs.as_slice() else { panic!("{programs:?}") };
    assert!(ours.contains("jobwatch_runtime") && others.len() == 2);
    for (other, longer) in others {
        assert!(length <= longer, "{length} lines, and {longer} in\n{other}");
    }
}
