use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2e::postgres::Postgres;
use e2e::round_trips::RoundTrips;
use jobwatch_runtime::store::PostgresStore;
use jobwatch_runtime::{JobSpec, Runtime, Settings};
use sqlx::postgres::PgPoolOptions;
use tokio::sync::Notify;

/// A claim and a completion. The pool looks before and after each whether the connection is well.
const EACH: u64 = 2 * 3;

/// How many due times are counted.
const DUE: usize = 5;

/// How many of the first are not: the other jobs run, too, and statements are prepared.
const FIRST: usize = 2;

#[tokio::test]
async fn a_due_time_takes_two_statements_and_jobs_that_are_not_due_take_none() {
    let server = Postgres::start();
    let trips = Arc::new(RoundTrips::to(&server));
    let url =
        format!("postgres://postgres@localhost/postgres?host={}&sslmode=disable", trips.folder().display());
    let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let (counts, enough) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
    let job = {
        let (trips, counts, enough) = (trips.clone(), counts.clone(), enough.clone());
        move |_| {
            let mut counts = counts.lock().unwrap();
            counts.push(trips.number());
            if counts.len() == FIRST + DUE + 1 {
                enough.notify_one();
            }
            async {}
        }
    };
    let mut runtime = Runtime::builder("test")
        .store(PostgresStore::new(pool).await.unwrap())
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .job(JobSpec::every("job", Duration::from_secs(1)), job);
    for number in 0..20 {
        let name = format!("idle-{number}");
        runtime = runtime.job(JobSpec::every(name, Duration::from_secs(3_600)), async |_| {});
    }
    let runtime = runtime.build().unwrap();
    let report = runtime.run_until(async { enough.notified().await }).await;
    assert!(report.is_clean());
    let counts = counts.lock().unwrap();
    let counted = counts[FIRST + DUE] - counts[FIRST];
    // One more if it was looked at the connection of a claim only after its run had begun.
    let expected = EACH * DUE as u64;
    assert!((expected - 1..=expected + 1).contains(&counted), "{counts:?}");
}
