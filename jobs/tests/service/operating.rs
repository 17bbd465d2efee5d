//! What somebody on call does with the service.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::postgres::Postgres;
use e2e::waiting::wait;
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_api::waiting_for_twitch;
use crate::process::{Service, TOKEN, command, execute, twitch_at};
use crate::site::Site;

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
async fn a_run_in_the_foreground_changes_nothing_about_other_jobs() {
    for site in [Site::on_sqlite().await, Site::on_postgres().await] {
        let twitch = TwitchService::start().await.unwrap();
        let url = twitch.url();
        let service = [("DATABASE_URL", site.url.as_str())];
        let service: Vec<_> = service.into_iter().chain(twitch_at(url.as_str())).collect();
        assert!(Service::start(&service).await.terminate().0);
        let jobs = async || {
            let disabled = "SELECT name FROM jobwatch_job WHERE disabled ORDER BY name";
            let since = "SELECT coalesce(CAST(expected_since AS text), '') FROM jobwatch_job ORDER BY name";
            (site.kept(disabled).await, site.kept(since).await)
        };
        let before = jobs().await;
        assert_eq!(before.0, ["embedding_generation"]);
        // A shell has none of the service's variables.
        let (code, _, log) =
            execute(site.folder.path(), &["run", "trending_score_refresh"], &[("DATABASE_URL", &site.url)]);
        assert_eq!((code, jobs().await), (0, before), "{log}");
    }
}

#[tokio::test]
async fn what_is_too_old_is_removed_by_the_service_itself() {
    for site in [Site::on_sqlite().await, Site::on_postgres().await] {
        site.execute(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types) VALUES (1, 'u', 's', 'e');
             INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, last_error,
                 created_at, died_at) VALUES ('msg_1', 1, 'e', 'p', 1, 'x', TIME(0), TIME(0));
             INSERT INTO cache (key, value, expires_at) VALUES ('old', HEX(00), TIME(0)), ('new', HEX(00), TIME(9999999999))",
        )
        .await;
        let variables = [
            ("DATABASE_URL", site.url.as_str()),
            ("DEAD_LETTER_RETENTION", "1h"),
            ("RETENTION_INTERVAL", "1s"),
        ];
        let service = Service::start(&variables).await;
        wait("what is too old to go", async || {
            let left = "SELECT (SELECT count(*) FROM cache) + (SELECT count(*) FROM webhook_dead_letters)";
            (site.number(left).await == 1).then_some(())
        })
        .await;
        assert!(service.terminate().0);
    }
}

/// A run that waits for Twitch, once it has begun.
async fn run_in_foreground(site: &Site) -> (Child, TwitchService) {
    let twitch = TwitchService::start().await.unwrap();
    twitch.moods().lasting(Some(Mood::Silent));
    let mut command = command(site.folder.path());
    command.args(["run", "clip_sync"]).env("DATABASE_URL", &site.url);
    command.envs(twitch_at(twitch.url().as_str())).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let asked = async || twitch.requests().first().map(|_| ());
    wait("the run to ask Twitch", asked).await;
    (child, twitch)
}

/// What a process ended with, and said.
async fn output(child: Child) -> (Option<i32>, String, String) {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_run_in_the_foreground_waits_for_a_database_that_goes_away() {
    let mut site = Site::on_postgres().await;
    let (mut child, twitch) = run_in_foreground(&site).await;
    site.server().stop();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        assert!(child.try_wait().unwrap().is_none(), "{:?}", output(child).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    site.server().restart();
    twitch.moods().lasting(None);
    let (code, out, log) = output(child).await;
    assert_eq!(code, Some(0), "{log}");
    assert!(out.starts_with("clip_sync:1 succeeded: 100 succeeded"), "{out}");
    assert!(log.contains("the database does not tell; it is asked again"), "{log}");
}

#[tokio::test]
async fn ctrl_c_cancels_a_run_in_the_foreground_and_leaves_no_lease() {
    for site in [Site::on_sqlite().await, Site::on_postgres().await] {
        for signal in ["INT", "TERM"] {
            let (child, _twitch) = run_in_foreground(&site).await;
            assert_eq!(site.leases().await, 1);
            assert!(
                Command::new("kill")
                    .args([format!("-{signal}"), child.id().to_string()])
                    .status()
                    .unwrap()
                    .success()
            );
            let (code, out, log) = output(child).await;
            assert_eq!(code, Some(1), "{out}{log}");
            assert!(out.contains(" interrupted"), "{out}");
            assert_eq!(site.leases().await, 0);
        }
    }
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
