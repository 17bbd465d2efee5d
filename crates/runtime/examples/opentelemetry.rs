//! Runs as spans of OpenTelemetry: a run with its job, what triggered it and how it ended, and its
//! attempts below it. Here they go into memory; an exporter of yours takes the place of that one.
//!
//! ```sh
//! cargo run -p jobwatch-runtime --example opentelemetry
//! ```

#![allow(clippy::print_stdout, reason = "this program is there to be looked at")]

use std::error::Error;
use std::time::Duration;

use jobwatch_runtime::{Job, JobError, JobSpec, Request, Retry, RunContext, Runtime, Settings};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for span in spans().await? {
        println!("{}", described(&span));
    }
    Ok(())
}

/// Runs a job that needs two attempts, and answers the spans.
pub(crate) async fn spans() -> Result<Vec<SpanData>, Box<dyn Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("shop"))
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    let _subscriber = tracing_subscriber::registry().with(layer).set_default();

    let retry = Retry::times(1).first(Duration::from_millis(10));
    let runtime = Runtime::builder("shop")
        .job(JobSpec::every("send_mails", Duration::from_secs(60)), Job::new(send_mails).retry(retry))
        .settings(Settings { start_delay: Duration::from_secs(60), ..Settings::default() })
        .build()?;
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    while !handle.readiness().is_ready() {
        tokio::task::yield_now().await;
    }
    handle.trigger_and_wait("send_mails", Request::default()).await?;
    handle.shutdown();
    running.await?;
    Ok(exporter.get_finished_spans()?)
}

/// A span in a line.
pub(crate) fn described(span: &SpanData) -> String {
    let attributes = span.attributes.iter();
    let attributes: Vec<_> = attributes.map(|one| format!(" {}={}", one.key, one.value)).collect();
    format!("{}:{}", span.name, attributes.concat())
}

/// Needs a second attempt.
async fn send_mails(run: RunContext) -> Result<(), JobError> {
    if run.attempt() == 1 {
        return Err(JobError::retryable("the mail server is busy"));
    }
    Ok(())
}
