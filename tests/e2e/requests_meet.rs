use std::time::Duration;

use e2e::postgres::Postgres;
use jobwatch_runtime::store::{Claim, Claimed, Completion, Lease, PostgresStore, Store};
use jobwatch_runtime::{JobName, Outcome, Report, Request};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::{sleep, timeout};

/// A clock that stands still for as long as somebody has a lock: between the moment as of which a
/// statement sees the tables, and its first row.
const SLOW_CLOCK: &str = "CREATE SCHEMA slow; \
    CREATE FUNCTION slow.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN \
        PERFORM pg_advisory_xact_lock_shared(15); RETURN pg_catalog.clock_timestamp(); END $$";

async fn ask(store: &PostgresStore, holder: &str, length: Duration) -> Claimed {
    let job = &JobName::new("pay").unwrap();
    let request = &Request { reason: None, idempotency_key: Some("invoice".to_owned()) };
    let claim = Claim { job, slot: None, holder: &holder.into(), length, request };
    store.claim(claim).await.unwrap()
}

fn granted(claimed: Claimed) -> Lease {
    let Claimed::Granted(lease) = claimed else { panic!("{claimed:?}") };
    lease
}

async fn complete(store: &PostgresStore, lease: &Lease) {
    let outcome = &Outcome::Succeeded(Report::default());
    store.complete(Completion { lease, outcome, done: None }).await.unwrap().unwrap();
}

/// One replica asks for a run and is slow, and meanwhile another has run it to its end. Its lease
/// may have run out before.
async fn check(lease_has_run_out: bool) {
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("quick", "")).await.unwrap();
    let quick = PostgresStore::new(pool.clone()).await.unwrap();
    quick.enable(&JobName::new("pay").unwrap(), true).await.unwrap();
    sqlx::raw_sql(SLOW_CLOCK).execute(&pool).await.unwrap();
    let slow = PgPoolOptions::new().after_connect(|connection, _| {
        Box::pin(async {
            sqlx::query("SET search_path = slow, public, pg_catalog").execute(connection).await.map(drop)
        })
    });
    let slow = slow.connect(&server.url("slow", "")).await.unwrap();
    let slow = PostgresStore::without_migration(slow);
    let minute = Duration::from_secs(60);

    let mut running = None;
    if lease_has_run_out {
        running = Some(granted(ask(&quick, "quick", Duration::from_millis(1)).await));
        sleep(Duration::from_millis(10)).await;
    }
    let mut clock = pool.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(15)").execute(&mut *clock).await.unwrap();
    let asked = tokio::spawn(async move { ask(&slow, "slow", minute).await });
    let waits = async {
        const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        while sqlx::query_scalar::<_, i64>(WAITING).fetch_one(&pool).await.unwrap() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(minute, waits).await.unwrap();
    let lease = match running {
        Some(lease) => lease,
        None => granted(ask(&quick, "quick", minute).await),
    };
    complete(&quick, &lease).await;
    sqlx::query("SELECT pg_advisory_unlock(15)").execute(&mut *clock).await.unwrap();
    assert_eq!(asked.await.unwrap(), Claimed::Repeated(lease.run()));
}

#[tokio::test]
async fn who_asks_for_a_run_that_begins_and_ends_meanwhile_is_told_which_it_was() {
    check(false).await;
}

#[tokio::test]
async fn who_asks_for_a_run_that_ends_late_meanwhile_is_told_which_it_was() {
    check(true).await;
}
