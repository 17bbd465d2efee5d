//! Two jobs for half a minute, and the metrics that tell what became of them. Try it before you
//! embed it:
//!
//! ```sh
//! cargo run -p jobwatch-runtime --example two_jobs
//! ```

#![allow(clippy::print_stdout, reason = "this program is there to be looked at")]

use std::error::Error;
use std::io::IsTerminal;
use std::time::Duration;

use jobwatch_runtime::prometheus::{Registry, TextEncoder};
use jobwatch_runtime::{Job, JobError, JobSpec, Report, Retry, RunContext, Runtime, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_target(false).with_ansi(std::io::stdout().is_terminal()).init();
    println!("Two jobs run for half a minute. Ctrl-C ends it sooner.\n");
    let text = metrics_after(Duration::from_secs(30)).await?;
    println!("\nWhat Prometheus would have read, without the buckets of the histogram:\n");
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket")) {
        println!("{line}");
    }
    Ok(())
}

/// Runs the jobs for a while, and answers what Prometheus would have read then.
pub(crate) async fn metrics_after(time: Duration) -> Result<String, Box<dyn Error>> {
    let registry = Registry::new();
    let every = |name, seconds| JobSpec::every(name, Duration::from_secs(seconds));
    let runtime = Runtime::builder("example")
        .job(
            every("send_mails", 5).items("mails").queue("mails to send"),
            Job::new(send_mails).retry(Retry::times(2)).queue(async || 12),
        )
        .job(every("clean_up", 10).timeout(Duration::from_secs(3)), clean_up)
        .registry(&registry)
        .settings(Settings { start_delay: Duration::from_secs(1), ..Settings::default() })
        .build()?;
    let handle = runtime.handle();
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        handle.shutdown();
    });
    runtime.run().await;
    Ok(TextEncoder::new().encode_to_string(&registry.gather())?)
}

/// Sends three mails, and needs a second attempt every other time.
async fn send_mails(run: RunContext) -> Result<Report, JobError> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    if run.attempt() == 1 && run.token().is_multiple_of(2) {
        return Err(JobError::retryable("the mail server is busy"));
    }
    Ok(Report { succeeded: 3, failed: 0, skipped: 1 })
}

/// Succeeds, fails, and takes too long, in turns.
async fn clean_up(run: RunContext) -> Result<Report, JobError> {
    match run.token() % 3 {
        1 => Ok(Report::default()),
        2 => Err(JobError::permanent("the disk is full")),
        _ => {
            // A body that listens stops in its own way; one that does not is dropped a few seconds
            // later.
            run.cancelled().await;
            Err(JobError::Cancelled)
        }
    }
}
