//! A layer of `tracing` that always panics, and what has to go on all the same.

use std::time::Duration;

use jobwatch_runtime::store::Store;
use jobwatch_runtime::{JobSpec, Runtime, Settings};
use tracing::span::Id;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Panics about whatever happens, and lets spans come into being.
pub(crate) struct Panics;

fn panic() {
    // As a panic does, without a word.
    std::panic::resume_unwind(Box::new("a trap"));
}

impl<S: Subscriber> Layer<S> for Panics {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        panic();
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        panic();
    }

    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        panic();
    }
}

/// Waits until a job has run three times over a store, and is content with the runtime.
pub(crate) async fn jobs_go_on(store: impl Store + 'static) {
    let runtime = Runtime::builder("test")
        .job(JobSpec::every("job", Duration::from_secs(1)), async |_| {})
        .store(store)
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
