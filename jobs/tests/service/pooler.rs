//! PgBouncer between services and PostgreSQL.

use e2e::pgbouncer::PgBouncer;
use e2e::postgres::Postgres;
use e2e::waiting::wait;
use reqwest::Method;
use sqlx::{Connection, PgConnection};

use crate::process::{Service, execute};

/// Two services that start together through a pooler make the tables, hold leases in turns, and run
/// jobs whose statements are prepared.
async fn check(server: &Postgres) {
    let url = PgBouncer::url(&server.url("service", ""));
    let variables = [("DATABASE_URL", url.as_str())];
    let (one, other) = tokio::join!(Service::start(&variables), Service::start(&variables));
    for job in ["hot_score_refresh", "reputation_tasks", "webhook_retry"] {
        for service in [&one, &other, &one] {
            assert_eq!(service.run(job).await.0, "succeeded", "{job}");
        }
    }
    let direct = server.url("test", "");
    let folder = tempfile::tempdir().unwrap();
    let (code, out, error) = execute(folder.path(), &["run", "trending_score_refresh"], &[variables[0]]);
    assert_eq!(code, 0, "{out}{error}");
    let held = "SELECT count(*) FROM jobwatch_job WHERE until IS NOT NULL";
    let mut connection = PgConnection::connect(&direct).await.unwrap();
    let held: i64 = sqlx::query_scalar(held).fetch_one(&mut connection).await.unwrap();
    assert_eq!(held, 0);
    for service in [one, other] {
        let (is_clean, log) = service.terminate();
        assert!(is_clean && !log.contains("prepared statement"), "{log}");
    }
}

#[tokio::test]
async fn a_pooler_by_sessions_needs_no_setting() {
    let server = Postgres::start();
    let _pooler = PgBouncer::start(&server, "session", "");
    check(&server).await;
}

#[tokio::test]
async fn a_pooler_by_transactions_that_forgets_statements_is_told_with_the_setting_and_waited_for() {
    let server = Postgres::start();
    let can_keep = PgBouncer::can_keep_statements();
    let forgetful = if can_keep { "max_prepared_statements = 0" } else { "" };
    let pooler = PgBouncer::start(&server, "transaction", forgetful);
    let url = PgBouncer::url(&server.url("service", ""));
    let mut service = Service::spawn_in(tempfile::tempdir().unwrap(), &[("DATABASE_URL", &url)]);
    service.wait_for("/readyz", 503).await;
    let told = wait("the pooler to be told", async || {
        let (_, told) = service.ask(Method::GET, "/readyz", "", None).await?;
        told.contains("max_prepared_statements").then_some(told)
    })
    .await;
    assert!(told.contains("or pool_mode = session"), "{told}");
    let log = service.log();
    assert!(log.contains("set its max_prepared_statements to 200 (PgBouncer 1.21 or later)"), "{log}");
    let folder = tempfile::tempdir().unwrap();
    let (code, _, error) = execute(folder.path(), &["run", "hot_score_refresh"], &[("DATABASE_URL", &url)]);
    assert!(code == 2 && error.contains("pool_mode = session for this database"), "{error}");

    drop(pooler);
    let (mode, keeping) =
        if can_keep { ("transaction", "max_prepared_statements = 200") } else { ("session", "") };
    let _pooler = PgBouncer::start(&server, mode, keeping);
    service.wait_for("/readyz", 200).await;
    drop(service);
    check(&server).await;
}
