//! A log that always panics, on whatever thread, beside a store in a file: alone in its process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod panics;

use std::time::Duration;

use jobwatch_runtime::store::SqliteStore;
use jobwatch_runtime::{JobSpec, Runtime, Settings};
use tracing_subscriber::layer::SubscriberExt;

use crate::panics::Panics;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_always_panics_keeps_no_job_from_a_store_in_a_file() {
    let subscriber = tracing_subscriber::registry().with(Panics);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::builder("test")
        .job(JobSpec::every("job", Duration::from_secs(1)), async |_| {})
        .store(SqliteStore::open(folder.path().join("jobs.db")).await.unwrap())
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
