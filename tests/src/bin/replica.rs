//! One replica of a service with many jobs, which write down what they do: for tests that kill,
//! freeze and cut off replicas.
//!
//! `replica URL JOBS STEP LEASE` runs until it is killed or told to end. Each run takes five steps
//! of so many milliseconds, and its lease is so many milliseconds long.

use std::process::ExitCode;
use std::time::Duration;

use chrono::Utc;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::store::PostgresStore;
use jobwatch_runtime::{JobError, Report, RunContext, Runtime, Settings};
use sqlx::postgres::{PgPool, PgPoolOptions};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the test shows it")]
            {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: replica URL JOBS STEP LEASE");
    let (url, jobs, step, lease) = (next()?, next()?, next()?, next()?);
    let step = Duration::from_millis(step.parse()?);
    let lease = Duration::from_millis(lease.parse()?);
    let names: Vec<String> = (0..jobs.parse()?).map(|number: u32| format!("job-{number}")).collect();
    let pool = PgPoolOptions::new().max_connections(8).connect(&url).await?;
    let store = PostgresStore::new(pool.clone()).await?;
    let mut catalogue = Catalogue::builder("replica");
    for name in &names {
        catalogue = catalogue.job(JobSpec::every(name, Duration::from_secs(20)));
    }
    let settings = Settings {
        start_delay: Duration::ZERO,
        // Someone is at work at almost any time.
        jitter: Duration::from_secs(10),
        lease,
        store_timeout: lease / 3,
        ..Settings::default()
    };
    let mut runtime = Runtime::builder(catalogue.build()?).store(store).settings(settings);
    for name in &names {
        let pool = pool.clone();
        runtime = runtime.job(name, move |run| work(pool.clone(), run, step));
    }
    runtime.build()?.run().await;
    Ok(())
}

/// Writes five times, each time with the token, and with the time at which it went about that: a
/// busy server may take a while, and the clock is the same for all.
async fn work(pool: PgPool, run: RunContext, pause: Duration) -> Result<Report, JobError> {
    for step in 0..5 {
        let written = sqlx::query("INSERT INTO work (job, token, step, sent) VALUES ($1, $2, $3, $4)")
            .bind(run.job().as_str())
            .bind(i64::try_from(run.token()).unwrap_or(i64::MAX))
            .bind(step)
            .bind(Utc::now())
            .execute(&pool)
            .await;
        written.map_err(|error| JobError::permanent(error.to_string()))?;
        tokio::time::sleep(pause).await;
    }
    Ok(Report::items(5))
}
