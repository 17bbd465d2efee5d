use std::time::Duration;

use e2e::postgres::Postgres;
use jobwatch_runtime::store::PostgresStore;
use jobwatch_runtime::{JobSpec, Runtime, Settings};
use sqlx::postgres::PgPool;
use tracing_subscriber::layer::SubscriberExt;

#[path = "../../crates/runtime/tests/panics/mod.rs"]
mod panics;

use panics::Panics;

#[tokio::test]
async fn a_log_that_always_panics_keeps_no_job_from_postgres() {
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("test", "")).await.unwrap();
    // Of this thread, which is the only one that runs anything here.
    let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(Panics));
    let runtime = Runtime::builder("test")
        .job(JobSpec::every("job", Duration::from_secs(1)), async |_| {})
        .store(PostgresStore::new(pool).await.unwrap())
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .build()
        .unwrap();
    let handle = runtime.handle();
    let service = tokio::spawn(runtime.run_until(std::future::pending()));
    let runs = async {
        while handle.detail("job", 0).await.map_or(0, |detail| detail.history.len()) < 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), runs).await.unwrap();
    assert!(handle.readiness().is_ready(), "{:?}", handle.readiness());
    handle.shutdown();
    service.await.unwrap();
}
