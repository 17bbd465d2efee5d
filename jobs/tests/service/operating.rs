//! What somebody on call does with the service.

use e2e::postgres::Postgres;
use reqwest::Method;
use serde_json::Value;

use crate::process::{Service, execute};

/// The jobs are listed, one is run, and the service is ended, on a database.
async fn check(database: &str) {
    let service = Service::start(&[("DATABASE_URL", database)]).await;
    let (status, jobs) = service.admin(Method::GET, "/admin/jobs").await;
    assert_eq!((status, jobs["jobs"].as_array().unwrap().len()), (200, 6));
    assert_eq!(service.ask(Method::GET, "/admin/jobs", "wrong", None).await.unwrap().0, 401);

    let (outcome, message) = service.run("hot_score_refresh").await;
    assert_eq!(
        (outcome.as_str(), message.as_str()),
        ("succeeded", "succeeded: 0 succeeded, 0 failed, 0 skipped")
    );
    let succeeded = r#"job_execution_total{job_name="hot_score_refresh",status="success"}"#;
    assert_eq!(service.sample(succeeded).await, Some(1.0));
    // The interval in force is exposed; a job that is disabled has none, and says why.
    let interval = async |job: &str| {
        service.sample(&format!("job_schedule_interval_seconds{{job_name=\"{job}\"}}")).await
    };
    assert_eq!((interval("hot_score_refresh").await, interval("clip_sync").await), (Some(300.0), Some(0.0)));
    let (_, disabled) = service.admin(Method::GET, "/admin/jobs/clip_sync").await;
    assert_eq!(disabled["disabled"], "TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET are not set");

    let (clean, log) = service.terminate();
    assert!(clean, "{log}");
    // What the runbook greps for.
    assert!(log.contains("Starting hot_score_refresh scheduler"), "{log}");
    assert!(log.contains(r#""job_name":"hot_score_refresh","run_id":"hot_score_refresh:1""#), "{log}");
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
}

#[tokio::test]
async fn it_serves_from_a_file_of_sqlite() {
    check("sqlite:clipper.sqlite").await;
}

#[tokio::test]
async fn it_serves_from_postgres() {
    let server = Postgres::start();
    check(&server.url("service", "")).await;
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
    let (code, _, error) = execute(folder.path(), &["run", "clip_sync"], &[("TWITCH_CLIENT_ID", "id")]);
    assert_eq!(code, 2);
    assert!(error.contains("clip_sync is disabled: TWITCH_CLIENT_SECRET is not set"), "{error}");
}
