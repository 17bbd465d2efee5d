//! The demo: everything is to be seen within seconds, on a terminal and off it.

use std::net::TcpListener;
use std::process::{Child, Stdio};

use e2e::postgres::Postgres;
use tempfile::TempDir;

use crate::process::{command, execute, wait};

/// A running demo, which ends with this value.
struct Demo {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Demo {
    fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = command(folder.path());
        command.arg("demo").args(arguments).env_remove("DATABASE_URL").env_remove("ADMIN_TOKEN");
        command.env("PORT", port.to_string()).envs(variables.iter().copied());
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        Self { process, port, _folder: folder }
    }

    /// Waits until a series has at least a value.
    async fn wait_for(&self, series: &str, least: f64) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://127.0.0.1:{}/metrics", self.port);
        wait(&format!("{series} of {least}"), async || {
            let text = client.get(&url).send().await.ok()?.text().await.ok()?;
            let line = text.lines().find(|line| line.starts_with(series))?;
            let value: f64 = line.rsplit(' ').next()?.parse().ok()?;
            (value >= least).then_some(())
        })
        .await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const JOBS: [&str; 6] = [
    "hot_score_refresh",
    "trending_score_refresh",
    "clip_sync",
    "reputation_tasks",
    "webhook_retry",
    "embedding_generation",
];

/// Every job succeeds and handles items, and the queues are counted.
async fn check(variables: &[(&str, &str)]) {
    let demo = Demo::start(&[], variables);
    for job in JOBS {
        demo.wait_for(&format!(r#"job_execution_total{{job_name="{job}",status="success"}}"#), 1.0).await;
        demo.wait_for(&format!(r#"job_items_processed_total{{job_name="{job}",status="success"}}"#), 1.0)
            .await;
    }
    // Some receivers fail, so that deliveries wait.
    demo.wait_for(r#"job_queue_size{job_name="webhook_retry"}"#, 1.0).await;
}

#[tokio::test]
async fn every_job_does_its_work_on_sqlite() {
    check(&[]).await;
}

#[tokio::test]
async fn every_job_does_its_work_on_postgres() {
    let server = Postgres::start();
    check(&[("DATABASE_URL", &server.url("demo", ""))]).await;
}

#[tokio::test]
async fn what_is_broken_on_purpose_shows_in_the_metrics() {
    let faults = [
        "hot_score_refresh=items",
        "trending_score_refresh=error",
        "clip_sync=hang",
        "reputation_tasks=panic",
        "embedding_generation=slow",
    ];
    let arguments: Vec<&str> = faults.into_iter().flat_map(|fault| ["--fail", fault]).collect();
    let demo = Demo::start(&arguments, &[]);
    demo.wait_for(r#"job_in_progress_since_timestamp_seconds{job_name="clip_sync"}"#, 1.0).await;
    for job in ["trending_score_refresh", "clip_sync", "reputation_tasks"] {
        demo.wait_for(&format!(r#"job_execution_total{{job_name="{job}",status="failed"}}"#), 1.0).await;
        demo.wait_for(&format!(r#"job_consecutive_failures{{job_name="{job}"}}"#), 1.0).await;
    }
    demo.wait_for(r#"job_items_processed_total{job_name="hot_score_refresh",status="failed"}"#, 1.0).await;
    demo.wait_for(r#"job_execution_total{job_name="embedding_generation",status="success"}"#, 1.0).await;
    demo.wait_for(r#"job_execution_duration_seconds_sum{job_name="embedding_generation"}"#, 4.0).await;
}

#[test]
fn off_a_terminal_each_run_is_a_line_and_no_secret_is_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, error) = execute(
        folder.path(),
        &["demo", "--for", "5s", "--fail", "reputation_tasks=error"],
        &[("DATABASE_URL", ""), ("ADMIN_TOKEN", ""), ("PORT", "0")],
    );
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert!(!out.contains('\x1b') && !out.contains("hunter2") && !out.contains("whsec_"), "{out}");
    assert!(out.contains("\nhot_score_refresh:1 succeeded: 1980 succeeded, 0 failed, 0 skipped ("), "{out}");
    assert!(out.contains("\nreputation_tasks:1 failed: it fails, as --fail asked for ("), "{out}");
    assert!(out.contains("On purpose, reputation_tasks fails."), "{out}");
    // The table comes at the end, and fits a terminal.
    let (_, table) = out.split_once("\nJOB ").unwrap();
    assert_eq!(JOBS.map(|job| table.contains(&format!("\n{job}"))), [true; 6], "{out}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{out}");
}

#[test]
fn a_database_with_a_site_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("PORT", "0")];
    let (code, ..) = execute(folder.path(), &["demo", "--for", "1s"], &variables);
    assert_eq!(code, 0);
    let (code, out, error) = execute(folder.path(), &["demo", "--for", "1s"], &variables);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        error,
        "clipper-jobs: sqlite:clipper.sqlite has clips or users already: the demo fills an empty database only; \
         unset DATABASE_URL for a fresh one\n"
    );
}

#[test]
fn what_cannot_be_shown_says_what_can() {
    let folder = tempfile::tempdir().unwrap();
    let error = |arguments: &[&str]| {
        let (code, out, error) = execute(folder.path(), arguments, &[]);
        assert_eq!((code, out.as_str()), (2, ""));
        error
    };
    let unknown = error(&["demo", "--fail", "clips=error"]);
    assert!(unknown.contains("there is no job `clips`; the jobs are hot_score_refresh, "), "{unknown}");
    let mode = error(&["demo", "--fail", "clip_sync=burn"]);
    assert!(mode.contains("the modes are error, panic, hang, slow, items"), "{mode}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, _, error) =
        execute(folder.path(), &["demo"], &[("PORT", &port), ("DATABASE_URL", "sqlite:other.sqlite")]);
    assert_eq!(code, 2);
    assert!(error.contains("set BIND and PORT to another"), "{error}");
}
