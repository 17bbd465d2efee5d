//! A log that always panics, on whatever thread, beside a store in a file: alone in its process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod panics;

use jobwatch_runtime::store::SqliteStore;
use tracing_subscriber::layer::SubscriberExt;

use crate::panics::Panics;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_always_panics_keeps_no_job_from_a_store_in_a_file() {
    let subscriber = tracing_subscriber::registry().with(Panics);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let folder = tempfile::tempdir().unwrap();
    panics::jobs_go_on(SqliteStore::open(folder.path().join("jobs.db")).await.unwrap()).await;
}
