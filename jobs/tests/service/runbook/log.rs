//! A log in which everything has happened that the runbook looks for.

use std::fs::File;
use std::sync::Mutex;
use std::time::Duration;

use clipper_jobs::service;
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::waiting::wait;
use jobwatch_runtime::{Job, JobError, Report, RunContext, Runtime, Settings};
use reqwest::Method;
use sqlx::{Connection, SqliteConnection};

use crate::process::Service;

/// Has jobs succeed, fail, panic, and wait for the database.
pub(super) async fn of(service: &Service, twitch: &TwitchService) -> String {
    for job in ["clip_sync", "reputation_tasks"] {
        assert_eq!(service.run(job).await.0, "succeeded");
    }
    twitch.moods().lasting(Some(Mood::Fails(403)));
    assert_eq!(service.run("clip_sync").await.0, "failed");
    twitch.moods().lasting(None);
    // One failure is trouble, and the next answer the end of it.
    twitch.moods().next(&[Mood::Fails(503)]);
    assert_eq!(service.run("clip_sync").await.0, "succeeded");
    wait_for_the_database(service).await;
    service.log() + &panic().await
}

/// Holds the database for longer than a statement should take.
async fn wait_for_the_database(service: &Service) {
    let file = service.folder.path().join("clipper.sqlite");
    let mut site = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut site).await.unwrap();
    let held = async {
        wait("the run to begin", async || {
            let (_, detail) = service.admin(Method::GET, "/admin/jobs/hot_score_refresh").await;
            detail["running"].is_object().then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut site).await.unwrap();
    };
    let ((outcome, message), ()) = tokio::join!(service.run("hot_score_refresh"), held);
    assert_eq!(outcome, "succeeded", "{message}");
    let log = service.log();
    let slow = log.lines().find(|line| line.contains("slow query")).unwrap();
    let slow: serde_json::Value = serde_json::from_str(slow).unwrap();
    assert!(slow["milliseconds"].as_u64().is_some_and(|milliseconds| milliseconds >= 1_000), "{slow}");
    assert_eq!(
        (&slow["what"], &slow["span"]["job_name"]),
        (&"write hot ranks".into(), &"hot_score_refresh".into())
    );
}

/// No job of the service panics on purpose: one of the same runtime does, and is logged in the same
/// form.
async fn panic() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let file = Mutex::new(File::create(&path).unwrap());
    // The scheduler has a thread of its own. No other test of this process logs.
    tracing_subscriber::fmt().with_writer(file).json().flatten_event(true).init();
    let catalogue = service::catalogue().unwrap();
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let body = async |_: RunContext| -> Result<Report, JobError> { panic!("index out of bounds") };
    let jobs = catalogue.jobs().iter().map(|job| match job.name().as_str() {
        "clip_sync" => ("clip_sync", Job::new(body)),
        other => (other, Job::disabled("it is not needed here")),
    });
    let runtime = Runtime::builder(catalogue.clone()).settings(settings).jobs(jobs).build().unwrap();
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run());
    wait("the run to panic", async || {
        let log = std::fs::read_to_string(&path).unwrap();
        log.contains("run failed: panic: index out of bounds").then_some(())
    })
    .await;
    handle.shutdown();
    running.await.unwrap();
    std::fs::read_to_string(&path).unwrap()
}
