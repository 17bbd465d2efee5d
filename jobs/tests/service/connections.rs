//! A server of PostgreSQL that gives fewer connections than are asked for, and jobs that take all
//! there are.

use std::time::Duration;

use clipper_jobs::database::Database;
use e2e::postgres::Postgres;
use e2e::proxy::Proxy;
use e2e::waiting::wait;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::{JobError, Report, RunContext, Runtime, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::process::{Service, TOKEN};

/// A server, and where `clipper` finds it, who may have so many connections.
async fn limited(connections: u32) -> (Postgres, String) {
    let server = Postgres::start();
    let url = server.url("service", "").replace("postgres@", "clipper@");
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    let role = format!(
        "CREATE ROLE clipper LOGIN CONNECTION LIMIT {connections}; GRANT ALL ON SCHEMA public TO clipper"
    );
    sqlx::raw_sql(AssertSqlSafe(role)).execute(&mut owner).await.unwrap();
    (server, url)
}

/// What `/readyz` answers with, and says.
async fn ready(service: &Service) -> (u16, Value) {
    let (status, body) = service.ask(Method::GET, "/readyz", "", None).await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

/// Has a job run. Answers at once.
async fn trigger(service: &Service, job: &str) {
    let body = json!({ "job_name": job });
    let (status, answer) =
        service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await.unwrap();
    assert_eq!(status, 202, "{answer}");
}

/// How the last run of a job ended, once there is one.
async fn outcome(service: &Service, job: &str) -> String {
    wait("the run to end", async || {
        let (_, detail) = service.admin(Method::GET, &format!("/admin/jobs/{job}")).await;
        detail["last_run"]["message"].as_str().map(str::to_owned)
    })
    .await
}

const JOBS: [&str; 4] = ["hot_score_refresh", "trending_score_refresh", "reputation_tasks", "webhook_retry"];

#[tokio::test]
async fn two_connections_are_enough_and_that_there_are_no_more_is_told() {
    let (server, url) = limited(2).await;
    let service = Service::start(&[("DATABASE_URL", &url)]).await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    // One run holds the only connection that the jobs have, and the others wait for it.
    let mut lock = owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE clips IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    for job in JOBS {
        trigger(&service, job).await;
    }
    wait("the refusal to be told", async || {
        let (status, told) = ready(&service).await;
        assert_eq!((status, &told["problems"]), (200, &json!([])), "{told}");
        (told["degraded"] == json!(["the database: it accepts no more connections"])).then_some(())
    })
    .await;
    let log = service.log();
    assert!(log.contains("too many connections for role"), "{log}");
    lock.commit().await.unwrap();
    for job in JOBS {
        let message = outcome(&service, job).await;
        assert!(message.starts_with("succeeded"), "{job}: {message}");
    }
    assert!(!service.log().contains(r#""attempt":"#), "one waited in vain: {}", service.log());
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT -1").execute(&mut owner).await.unwrap();
    wait("all to be well", async || (ready(&service).await.1["degraded"] == json!([])).then_some(())).await;
    assert!(service.terminate().0);
}

#[tokio::test]
async fn a_server_that_gives_no_connection_is_waited_for_and_says_why() {
    let (server, url) = limited(0).await;
    let mut service = Service::spawn_in(tempfile::tempdir().unwrap(), &[("DATABASE_URL", &url)]);
    service.wait_for("/readyz", 503).await;
    wait("the reason", async || {
        let problem = ready(&service).await.1["problems"][0].as_str()?.to_owned();
        (problem == "the database cannot be used yet: it accepts no more connections").then_some(())
    })
    .await;
    assert!(service.log().contains("too many connections for role"), "{}", service.log());
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT 2").execute(&mut owner).await.unwrap();
    service.wait_for("/readyz", 200).await;
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
}

/// The connections of a service over which the runtime asks: the jobs ask for nothing of it.
const OF_RUNTIME: &str = "usename = 'clipper' AND query LIKE '%jobwatch_%'";

/// How many connections fit a condition.
async fn connections(owner: &mut PgConnection, condition: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM pg_stat_activity WHERE {condition}"));
    sqlx::query_scalar(sql).fetch_one(owner).await.unwrap()
}

/// Ends the connections that fit a condition, as one does who reads the runbook.
async fn end(owner: &mut PgConnection, condition: &str) {
    let sql = format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {condition}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

#[tokio::test]
async fn a_job_that_waits_for_a_connection_leaves_the_runtime_its_own() {
    let (server, url) = limited(2).await;
    let service = Service::start(&[("DATABASE_URL", &url)]).await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    let mut locker = PgConnection::connect(&server.url("locker", "")).await.unwrap();
    let mut lock = locker.begin().await.unwrap();
    sqlx::query("LOCK TABLE clips IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let jobs = ["hot_score_refresh", "trending_score_refresh"];
    for job in jobs {
        trigger(&service, job).await;
    }
    let waiting = "usename = 'clipper' AND wait_event_type = 'Lock'";
    wait("one to wait", async || (connections(&mut owner, waiting).await == 1).then_some(())).await;
    end(&mut owner, OF_RUNTIME).await;
    wait("the runtime to be back", async || (connections(&mut owner, OF_RUNTIME).await == 1).then_some(()))
        .await;
    lock.commit().await.unwrap();
    for job in jobs {
        let message = outcome(&service, job).await;
        assert!(message.starts_with("succeeded"), "{job}: {message}");
    }
    assert!(service.terminate().0);
}

#[tokio::test]
async fn jobs_give_a_connection_back_that_the_runtime_is_refused() {
    let (server, url) = limited(6).await;
    let service = Service::start(&[("DATABASE_URL", &url)]).await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    let mut locker = PgConnection::connect(&server.url("locker", "")).await.unwrap();
    let mut lock = locker.begin().await.unwrap();
    sqlx::query("LOCK TABLE clips IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    for job in ["hot_score_refresh", "trending_score_refresh"] {
        trigger(&service, job).await;
    }
    let waiting = "usename = 'clipper' AND wait_event_type = 'Lock'";
    wait("both to wait", async || (connections(&mut owner, waiting).await >= 2).then_some(())).await;
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT 2").execute(&mut owner).await.unwrap();
    end(&mut owner, OF_RUNTIME).await;
    lock.commit().await.unwrap();
    wait("the store to answer", async || {
        let body = json!({ "job_name": "webhook_retry" });
        let (status, _) = service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await?;
        (status == 202 && connections(&mut owner, OF_RUNTIME).await == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn below_a_limit_that_the_runtime_uses_up_the_jobs_borrow_one_of_its_connections() {
    let (server, url) = limited(6).await;
    let service = Service::start(&[("DATABASE_URL", &url)]).await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    let ask_often = async || {
        let details = (0..12).map(|_| service.admin(Method::GET, "/admin/jobs/hot_score_refresh"));
        let statuses = futures_util::future::join_all(details).await;
        assert!(statuses.iter().all(|(status, _)| *status == 200), "{statuses:?}");
    };
    wait("the runtime to use both of its connections", async || {
        ask_often().await;
        (connections(&mut owner, OF_RUNTIME).await == 2).then_some(())
    })
    .await;
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT 2").execute(&mut owner).await.unwrap();
    end(&mut owner, &format!("usename = 'clipper' AND NOT ({OF_RUNTIME})")).await;
    for job in JOBS {
        let (outcome, message) = service.run(job).await;
        assert_eq!(outcome, "succeeded", "{job}: {message}");
        // The runtime takes what it can get.
        ask_often().await;
    }
    assert!(!service.log().contains(r#""attempt":"#), "one waited in vain: {}", service.log());
    let (status, told) = ready(&service).await;
    assert_eq!((status, &told["problems"]), (200, &json!([])), "{told}");
    assert_eq!(told["degraded"], json!(["the database: it accepts no more connections"]));
    // What was borrowed is given back, and the jobs have their own again.
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT 6").execute(&mut owner).await.unwrap();
    wait("all to be well", async || (ready(&service).await.1["degraded"] == json!([])).then_some(())).await;
    assert_eq!(service.run(JOBS[0]).await.0, "succeeded");
    assert!(connections(&mut owner, "usename = 'clipper'").await > 2);
}

/// As of a host that lost its power, or behind a firewall that has forgotten the connection.
///
/// The proxy goes on while the service is waited for, on a thread of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_goes_silent_in_a_statement_is_missed_no_longer_than_the_run_takes() {
    let server = Postgres::start();
    let proxy = Proxy::start(&server).await;
    let url = proxy.url();
    let service = Service::start(&[
        ("DATABASE_URL", url.as_str()),
        ("DATABASE_CONNECTIONS", "1"),
        ("HOT_SCORE_REFRESH_TIMEOUT", "2s"),
    ])
    .await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    let mut locker = PgConnection::connect(&server.url("locker", "")).await.unwrap();
    let mut lock = locker.begin().await.unwrap();
    sqlx::query("LOCK TABLE clips IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    trigger(&service, "hot_score_refresh").await;
    let waiting = "application_name = 'clipper-jobs' AND wait_event_type = 'Lock'";
    wait("the run to wait", async || (connections(&mut owner, waiting).await == 1).then_some(())).await;
    proxy.silence();
    lock.commit().await.unwrap();
    let message = outcome(&service, "hot_score_refresh").await;
    assert_eq!(message, "failed: stopped after 2s");
    wait("a run to have its connection", async || {
        // Until the store has found out about its own connections, it refuses.
        let body = json!({ "job_name": "hot_score_refresh" });
        service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await?;
        outcome(&service, "hot_score_refresh").await.starts_with("succeeded").then_some(())
    })
    .await;
    let (is_well, log) = service.terminate();
    assert!(is_well, "{log}");
}

#[tokio::test]
async fn the_refusal_of_the_server_is_named_where_the_store_is_asked() {
    let (server, url) = limited(2).await;
    let service = Service::start(&[("DATABASE_URL", &url)]).await;
    let mut owner = PgConnection::connect(&server.url("owner", "")).await.unwrap();
    sqlx::raw_sql("ALTER ROLE clipper CONNECTION LIMIT 0").execute(&mut owner).await.unwrap();
    end(&mut owner, "usename = 'clipper'").await;
    let (status, refused) = service.admin(Method::GET, "/admin/jobs").await;
    assert_eq!(status, 503, "{refused}");
    assert!(refused.to_string().contains("too many connections for role"), "{refused}");
}

/// Its lease is over long before the run is, unless it is renewed.
#[tokio::test]
async fn a_run_that_takes_every_connection_keeps_its_lease() {
    const MOST: u32 = 3;
    let server = Postgres::start();
    let address = server.url("service", "").parse().unwrap();
    let database = Database::connect_with(&address, MOST).await.unwrap();
    let greedy = JobSpec::every("greedy", Duration::from_secs(60));
    let catalogue = Catalogue::builder("shop").job(greedy).build().unwrap();
    let second = Duration::from_secs(1);
    let settings = Settings {
        start_delay: Duration::ZERO,
        lease: 2 * second,
        store_timeout: second / 2,
        ..Settings::default()
    };
    let taken = database.clone();
    let body = move |_: RunContext| {
        let Database::Postgres(connections) = taken.clone() else { unreachable!() };
        async move {
            let mut all = Vec::new();
            for _ in 0..MOST {
                let one = connections.acquire().await;
                all.push(one.map_err(|error| JobError::retryable(error.to_string()))?);
            }
            tokio::time::sleep(Duration::from_secs(6)).await;
            Ok::<_, JobError>(Report::items(all.len() as u64))
        }
    };
    let builder = Runtime::builder(catalogue).settings(settings).job("greedy", body);
    let runtime = database.keep(builder, &address, 100).await.unwrap().build().unwrap();
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    let last = wait("the run to end", async || handle.detail("greedy", 0).await.ok()?.status.last_run).await;
    assert_eq!(last.outcome.to_string(), "succeeded: 3 succeeded, 0 failed, 0 skipped");
    handle.shutdown();
    assert!(running.await.unwrap().is_clean());
}
