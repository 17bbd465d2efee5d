use std::sync::Arc;
use std::time::Duration;

use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::store::{Claim, Claimed, Completion, PostgresStore, Store};
use jobwatch_runtime::testing::conformance;
use jobwatch_runtime::{Outcome, Report, Request};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

/// A clock that the test can put forward, which unqualified calls find before the server's own.
const CLOCK: &str = "CREATE SCHEMA fake; CREATE TABLE fake.ahead AS SELECT interval '0' AS by;
    CREATE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + by FROM fake.ahead';";

const COMPATIBLE: &str = "ALTER TABLE jobwatch_job ADD COLUMN colour text NOT NULL DEFAULT 'red';
    ALTER TABLE jobwatch_run ADD COLUMN weight integer;
    CREATE TABLE jobwatch_paint (colour text);
    ALTER TABLE jobwatch_schema ADD COLUMN oldest integer;
    UPDATE jobwatch_schema SET version = 4, oldest = 3";

async fn execute(pool: &PgPool, statements: &'static str) {
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

#[tokio::test]
async fn a_program_goes_on_with_tables_of_a_later_version_that_lets_it() {
    let server = Postgres::start();
    let plain = PgPool::connect(&server.url("test", "")).await.unwrap();
    execute(&plain, CLOCK).await;
    let pool = PgPool::connect(&server.url("test", "-c%20search_path=fake,pg_catalog")).await.unwrap();
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let pass = async |by: Duration| {
        let ahead = sqlx::query("UPDATE fake.ahead SET by = by + make_interval(secs => $1)");
        ahead.bind(by.as_secs_f64()).execute(&plain).await.unwrap();
    };
    // Its statements are prepared on its connections before the tables change.
    conformance::exercise(&store, &pass).await.unwrap();
    execute(&pool, COMPATIBLE).await;
    let started = PostgresStore::new(pool.clone()).await.unwrap();
    for store in [store, started] {
        execute(&pool, "DELETE FROM jobwatch_job").await;
        conformance::exercise(&store, &pass).await.unwrap();
    }
}

#[tokio::test]
async fn a_program_says_that_a_later_version_does_not_let_it_go_on() {
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("test", "")).await.unwrap();
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let job = JobName::new("job").unwrap();
    Store::enable(&store, &job, true).await.unwrap();
    execute(
        &pool,
        "ALTER TABLE jobwatch_job RENAME COLUMN done TO ready; ALTER TABLE jobwatch_schema ADD COLUMN oldest integer;
         UPDATE jobwatch_schema SET version = 5, oldest = 4",
    )
    .await;
    let told = "the store cannot use its tables: they are of version 5, and this program knows 3; update it";
    let error = Store::state(&store, &job).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_of_later_version()), (told, true));
    assert_eq!(PostgresStore::new(pool).await.unwrap_err().to_string(), told);
}

#[tokio::test]
async fn a_table_that_was_dropped_is_created_anew_and_tokens_grow_on() {
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("test", "")).await.unwrap();
    let created = PostgresStore::new(pool.clone()).await.unwrap();
    let store: &dyn Store = &created;
    let (job, length, request) = (JobName::new("job").unwrap(), Duration::from_secs(60), Request::default());
    let holder: Arc<str> = "me".into();
    let claim = Claim { job: &job, slot: None, holder: &holder, length, request: &request };
    let outcome = Outcome::Succeeded(Report::default());
    let mut tokens = Vec::new();
    for dropped in [
        "",
        "DROP TABLE jobwatch_job CASCADE",
        "DROP TABLE jobwatch_run",
        "DROP TABLE jobwatch_run, jobwatch_schema",
    ] {
        sqlx::raw_sql(AssertSqlSafe(dropped)).execute(&pool).await.unwrap();
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
        tokens.push(lease.token);
    }
    assert_eq!(tokens, [1, 2, 3, 4]);
    assert_eq!(store.history(&job).await.unwrap().len(), 1);
    PostgresStore::new(pool).await.unwrap();
}
