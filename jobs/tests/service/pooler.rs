//! PgBouncer between services and PostgreSQL.

use e2e::pgbouncer::PgBouncer;
use e2e::postgres::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

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

/// It gives each transaction another connection. Before 1.21, and without
/// `max_prepared_statements`, it takes nothing along that was prepared on the one before.
#[tokio::test]
async fn a_pooler_by_transactions_needs_no_setting_whether_it_forgets_statements_or_not() {
    let settings: &[&str] = if PgBouncer::can_keep_statements() {
        &["max_prepared_statements = 0", "max_prepared_statements = 200"]
    } else {
        &[""]
    };
    for setting in settings {
        let server = Postgres::start();
        let _pooler = PgBouncer::start(&server, "transaction", setting);
        check(&server).await;
    }
}

/// Which connection to the server a client gets depends on what others do at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_by_transactions_is_noticed_among_the_traffic_of_others() {
    let server = Postgres::start();
    let settings = if PgBouncer::can_keep_statements() { "max_prepared_statements = 0\n" } else { "" };
    let _pooler = PgBouncer::start(&server, "transaction", &format!("{settings}default_pool_size = 4"));
    let url = PgBouncer::url(&server.url("test", ""));
    // PgBouncer refuses whoever sets them.
    let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
    let mut others = JoinSet::new();
    for _ in 0..3 {
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        others.spawn(async move {
            loop {
                sqlx::raw_sql("SELECT pg_sleep(0.002)").execute(&mut connection).await.unwrap();
            }
        });
    }
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let (code, out, error) =
            execute(folder.path(), &["run", "reputation_tasks"], &[("DATABASE_URL", &url)]);
        assert_eq!(code, 0, "{out}{error}");
        assert!(!error.contains("prepared statement"), "{error}");
    }
    others.shutdown().await;
}
