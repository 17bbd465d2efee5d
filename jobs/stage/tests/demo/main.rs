//! The demo: everything is to be seen within seconds, on a terminal and off it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod page;
mod panels;
mod watchers;

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use e2e::postgres::Postgres;
use e2e::waiting::wait;
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

/// The demo in a folder, where it puts what it makes, with nothing but that from the environment of
/// the test.
fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-demo"));
    command.current_dir(folder).env_clear().env("TMPDIR", folder).stdin(Stdio::null());
    command.args(arguments).envs(variables.iter().copied());
    command
}

/// Executes a demo to its end. Answers exit code, output and errors.
fn execute(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder, arguments, variables).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

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
        let mut command = command(folder.path(), arguments, variables);
        let process = command.env("PORT", port.to_string()).stdout(Stdio::piped()).spawn().unwrap();
        Self { process, port, _folder: folder }
    }

    fn port(&self) -> u16 {
        self.port
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
    // The newest clips have no embedding at first.
    demo.wait_for(r#"job_queue_size{job_name="embedding_generation"}"#, 1.0).await;
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
        &["--for", "6s", "--port", "0", "--fail", "hot_score_refresh=error"],
        &[("TWITCH_CLIENT_SECRET", "hunter2"), ("ADMIN_TOKEN", "correct-horse-battery")],
    );
    // What fails is what is shown: the demo itself is well.
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert!(!out.contains('\x1b') && !out.contains('\r'), "{out:?}");
    for secret in ["hunter2", "whsec_", "correct-horse-battery", "demo-token"] {
        assert!(!out.contains(secret), "{secret}: {out}");
    }
    let failed = "  failed: hot_score_refresh is made to fail by --fail";
    let line = |job: &str| out.lines().find(|line| line.contains(&format!("Z  {job} ")));
    assert!(line("hot_score_refresh").unwrap().ends_with(failed), "{out}");
    assert!(line("webhook_retry").unwrap().contains("  succeeded: "), "{out}");
    assert!(out.contains("\nMade to fail: hot_score_refresh=error\n"), "{out}");
    // The table comes at the end, with the numbers of the metrics, and fits a terminal.
    let (_, table) = out.split_once("\nJOB ").unwrap();
    assert_eq!(JOBS.map(|job| table.contains(&format!("\n{job} "))), [true; 6], "{out}");
    assert!(table.contains(&format!("\n{failed}\n")), "{out}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{out}");
    let (_, summary) = out.trim_end().rsplit_once('\n').unwrap();
    assert!(summary.starts_with("Ended after ") && summary.ends_with(" failed."), "{out}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn what_was_made_is_kept_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--for", "1s", "--port", "0", "--clips", "10", "--keep"];
    let (code, out, _) = execute(folder.path(), &arguments, &[]);
    assert_eq!(code, 0);
    let kept = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    assert!(out.ends_with(&format!(" {} is kept.\n", kept.display())), "{out}");
    let log = std::fs::read_to_string(kept.join("log")).unwrap();
    assert!(log.contains("Starting hot_score_refresh scheduler"), "{log}");
    assert!(kept.join("clipper.sqlite").exists());
}

#[tokio::test]
async fn ctrl_c_ends_it_with_a_summary() {
    let mut demo = Demo::start(&["--fail", "clip_sync=hang"], &[]);
    demo.wait_for(r#"job_in_progress_since_timestamp_seconds{job_name="clip_sync"}"#, 1.0).await;
    let sent = Command::new("kill").args(["-INT", &demo.process.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut out = String::new();
    demo.process.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(demo.process.wait().unwrap().success(), "{out}");
    assert!(out.contains("\nEnded after "), "{out}");
}

#[test]
fn it_ends_when_nobody_reads_it_any_more() {
    let mut demo = Demo::start(&[], &[]);
    let mut first = [0];
    demo.process.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert!(demo.process.wait().unwrap().success());
}

/// Answers the error of a demo that does not start.
fn refused(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let arguments = [&["--for", "1s"], arguments].concat();
    let (code, out, error) = execute(folder, &arguments, variables);
    assert_eq!((code, out.as_str()), (2, ""), "{error}");
    error
}

#[test]
fn a_database_that_is_not_empty_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let database = [("DATABASE_URL", "sqlite:clipper.sqlite")];
    let (code, ..) = execute(folder.path(), &["--for", "1s", "--port", "0"], &database);
    assert_eq!(code, 0);
    let second = refused(folder.path(), &["--port", "0"], &database);
    assert_eq!(
        second,
        "clipper-demo: sqlite:clipper.sqlite is not empty, and the demo fills empty databases only; name another with \
         DATABASE_URL, or unset it for a file of the demo's own\n"
    );
    // What the jobs did before is not mixed with what they do now.
    std::fs::remove_file(folder.path().join("clipper.sqlite")).unwrap();
    assert_eq!(refused(folder.path(), &["--port", "0"], &database), second);
}

#[tokio::test]
async fn nothing_is_added_to_a_database_of_somebody_else() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Postgres::start());
    let url = server.url("demo", "");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection.execute("CREATE TABLE letters (text text)").await.unwrap();
    let found = refused(folder.path(), &["--port", "0"], &[("DATABASE_URL", &url)]);
    assert!(found.contains("postgres://postgres:***@localhost/postgres is not empty"), "{found}");
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    assert_eq!(tables, ["letters"]);
}

#[test]
fn what_cannot_be_shown_says_what_can() {
    let folder = tempfile::tempdir().unwrap();
    let error = |arguments: &[&str]| refused(folder.path(), arguments, &[]);
    let unknown = error(&["--fail", "clips=error"]);
    assert!(unknown.contains("there is no job `clips`; the jobs are hot_score_refresh, "), "{unknown}");
    let mode = error(&["--fail", "clip_sync=burn"]);
    assert!(
        mode.contains("there is no mode `burn`; the modes are error, panic, hang, slow, items"),
        "{mode}"
    );
    let twice = error(&["--fail", "clip_sync=hang", "--fail", "clip_sync=slow"]);
    assert_eq!(
        twice,
        "clipper-demo: `clip_sync` is to fail in more than one way; give --fail once for each job\n"
    );
    assert!(error(&["--clips", "0"]).contains("0 is not in 1..=1000000"));
    assert!(error(&["--size", "small", "--clips", "5"]).contains("cannot be used with"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let next_step = "choose another port, as --port 8081, or --port 0 for any that is free\n";
    let in_use = error(&["--port", &port]);
    assert!(in_use.contains(&format!("127.0.0.1:{port}: ")) && in_use.ends_with(next_step), "{in_use}");
}
