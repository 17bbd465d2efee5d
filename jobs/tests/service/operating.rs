//! What somebody on call does with the service.

use e2e::postgres::Postgres;
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_api::waiting_for_twitch;
use crate::process::{Service, TOKEN, execute, wait};

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

#[tokio::test]
async fn while_it_shuts_down_it_is_not_ready_and_refuses_runs_and_what_runs_may_end() {
    let (service, _twitch) = waiting_for_twitch().await;
    let trigger = async |job: &str| {
        let body = json!({"job_name": job});
        service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await.unwrap()
    };
    assert_eq!(trigger("clip_sync").await.0, 202);
    service.signal("TERM");
    let told = wait("the shutdown to begin", async || {
        let (status, body) = service.ask(Method::GET, "/readyz", "", None).await?;
        (status == 503).then_some(body)
    })
    .await;
    assert!(told.contains("the service is shutting down"), "{told}");
    let (status, refused) = trigger("hot_score_refresh").await;
    assert!(status == 503 && refused.contains("the service is shutting down"), "{refused}");
    // What still runs can be looked at, and stopped.
    assert_eq!(service.ask(Method::GET, "/healthz", "", None).await.unwrap().0, 200);
    let (_, detail) = service.admin(Method::GET, "/admin/jobs/clip_sync").await;
    assert!(detail["running"].is_object(), "{detail}");
    assert_eq!(service.admin(Method::POST, "/admin/jobs/clip_sync/cancel").await.0, 202);
    let (clean, log) = service.end();
    assert!(clean, "{log}");
    assert!(log.contains("run interrupted: cancelled"), "{log}");
}
