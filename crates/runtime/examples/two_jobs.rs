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

use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::{Job, JobError, Report, Retry, RunContext, Runtime, Settings};
use prometheus::{Registry, TextEncoder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_target(false).with_ansi(std::io::stdout().is_terminal()).init();
    let catalogue = Catalogue::builder("example")
        .job(JobSpec::every("send_mails", Duration::from_secs(5)).items("mails").queue("mails to send"))
        .job(JobSpec::every("clean_up", Duration::from_secs(10)).timeout(Duration::from_secs(3)))
        .build()?;

    let registry = Registry::new();
    let runtime = Runtime::builder(catalogue)
        .job("send_mails", Job::new(send_mails).retry(Retry::times(2)).queue(async || Ok(12)))
        .job("clean_up", clean_up)
        .registry(&registry)
        .settings(Settings { start_delay: Duration::from_secs(1), ..Settings::default() })
        .build()?;

    println!("Two jobs run for half a minute. Ctrl-C ends it sooner.\n");
    let handle = runtime.handle();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        handle.shutdown();
    });
    runtime.run().await;

    println!("\nWhat Prometheus would have read, without the buckets of the histogram:\n");
    let text = TextEncoder::new().encode_to_string(&registry.gather())?;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket")) {
        println!("{line}");
    }
    Ok(())
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
