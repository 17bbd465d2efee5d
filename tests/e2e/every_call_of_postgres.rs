use std::sync::Arc;

use chrono::{DateTime, Utc};
use e2e::postgres::Postgres;
use jobwatch_runtime::store::{Answer, PostgresStore, StoreError};
use jobwatch_runtime::testing::VirtualClock;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Runtime;

use crate::ordeal::at_once::{AtOnce, Shows, waited_for};
use crate::ordeal::life;
use crate::ordeal::trap::{Mischief, Part};

/// One of so many calls goes wrong at a time.
const EVERY: u64 = 16;

/// A function that unqualified calls find before the server's own, and which answers what the
/// session was told.
const CLOCK: &str = "CREATE SCHEMA fake; \
     CREATE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql \
     AS 'SELECT current_setting(''fake.now'')::timestamptz'; \
     ALTER DATABASE postgres SET search_path = fake, pg_catalog";

/// The only session of a store.
#[derive(Debug)]
struct Session(PgPool);

impl Shows for Session {
    fn show(&self, now: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(async move {
            let shown = sqlx::query("SELECT set_config('fake.now', $1, false)").bind(now.to_rfc3339());
            let shown = shown.execute(&self.0).await;
            shown.map(drop).map_err(|error| StoreError::new("be shown the time", error.to_string()))
        })
    }
}

/// Lets something go wrong at each call in turn, over tables that are empty each time.
fn check(part: Part, mischiefs: &[Mischief]) {
    let server = Postgres::start();
    let database = Runtime::new().unwrap();
    let url = server.url("test", "");
    let (store, pool) = database.block_on(async {
        let plain = PgPoolOptions::new().connect(&url).await.unwrap();
        sqlx::raw_sql(CLOCK).execute(&plain).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        (PostgresStore::new(pool.clone()).await.unwrap(), pool)
    });
    life::check((part, EVERY), mischiefs, |clock: Arc<VirtualClock>| {
        let empties = sqlx::query("TRUNCATE jobwatch_job, jobwatch_run").execute(&pool);
        waited_for(database.handle(), empties).unwrap();
        let (database, shows) = (database.handle().clone(), Arc::new(Session(pool.clone())));
        AtOnce { store: store.clone(), database, clock, shows }
    });
}

#[test]
fn a_store_in_postgres_that_panics_once_stops_nothing() {
    check(Part::Store, &[Mischief::Panic]);
}

#[test]
fn a_store_in_postgres_that_fails_once_stops_nothing() {
    check(Part::Store, &[Mischief::LostAnswer]);
}

#[test]
fn a_store_in_postgres_that_hangs_once_stops_nothing() {
    check(Part::Store, &[Mischief::Hang]);
}

#[test]
fn a_clock_that_goes_wrong_once_stops_nothing_beside_postgres() {
    check(Part::Clock, &[Mischief::Panic, Mischief::Block]);
}

#[test]
fn a_log_that_goes_wrong_once_stops_nothing_beside_postgres() {
    check(Part::Log, &[Mischief::Panic, Mischief::Block]);
}
