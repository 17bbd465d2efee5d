//! To look at jobs writes nothing, whatever has become of them.

use std::sync::Arc;
use std::time::Duration;

use e2e::postgres::Postgres;
use jobwatch_runtime::store::{Claim, Claimed, Completion, PostgresStore, SqliteStore, Store, open_sqlite};
use jobwatch_runtime::{JobName, JobSpec, Outcome, Report, Request, Runtime};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqliteConnectOptions;

const JOBS: [&str; 4] = ["ended", "dead", "paused", "unknown"];

/// Runs one job to its end, leaves another to a holder who does not come back, and pauses a third.
async fn live(store: &dyn Store) {
    let claim = async |job: &str, length| {
        let (job, holder, request) = (&JobName::new(job).unwrap(), &Arc::from("me"), &Request::default());
        let claim = Claim { job, slot: None, holder, length, request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("{job} is held") };
        lease
    };
    let lease = claim("ended", Duration::from_secs(60)).await;
    let outcome = &Outcome::Succeeded(Report::default());
    store.complete(Completion { lease: &lease, outcome, done: None }).await.unwrap().unwrap();
    claim("dead", Duration::from_millis(1)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    store.pause(&JobName::new("paused").unwrap(), true).await.unwrap();
}

/// Whoever looks at jobs of all kinds changes nothing, by a print of all that is kept. Whoever does
/// something changes it.
async fn check(store: impl Store + Clone + 'static, print: impl AsyncFn() -> String) {
    live(&store).await;
    let before = print().await;
    let jobs = JOBS.map(|job| JobSpec::every(job, Duration::from_secs(60)));
    let runtime = Runtime::builder("test").store(store.clone());
    let runtime = jobs.into_iter().fold(runtime, |runtime, job| runtime.job(job, async |_| {}));
    let runtime = runtime.build().unwrap();
    let handle = runtime.handle();
    let list = handle.list().await.unwrap();
    assert_eq!(list.iter().filter(|job| job.state.paused).count(), 1);
    for job in JOBS {
        handle.detail(job, 10).await.unwrap();
    }
    assert_eq!(print().await, before, "to look at jobs writes nothing");
    store.pause(&JobName::new("paused").unwrap(), false).await.unwrap();
    assert_ne!(print().await, before, "and what is written is noticed");
}

#[tokio::test]
async fn whoever_looks_at_jobs_in_postgres_writes_nothing() {
    // With who wrote or locked a row last, and where it stands.
    const ROWS: &str = "SELECT concat( \
        (SELECT string_agg(concat(ctid, xmin, xmax, job), ' ' ORDER BY name) FROM jobwatch_job AS job), \
        (SELECT string_agg(concat(ctid, xmin, xmax, run), ' ' ORDER BY job) FROM jobwatch_run AS run))";
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("test", "")).await.unwrap();
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    check(store, async || sqlx::query_scalar(ROWS).fetch_one(&pool).await.unwrap()).await;
}

#[tokio::test]
async fn whoever_looks_at_jobs_in_a_file_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    // It counts what others than this one connection have written.
    let other = open_sqlite(SqliteConnectOptions::new().filename(&path), 1).await.unwrap();
    let print = async || {
        let version: i64 = sqlx::query_scalar("PRAGMA data_version").fetch_one(&other).await.unwrap();
        version.to_string()
    };
    check(store, print).await;
}
