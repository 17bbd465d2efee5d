//! A service with a job that is due each second and opens a file: for tests that leave it few files
//! to open.
//!
//! `service FOLDER` keeps its store there, prints the port of its HTTP side, and runs until it is
//! killed.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::http::{AdminToken, Limits, admin, observe, serve};
use jobwatch_runtime::store::SqliteStore;
use jobwatch_runtime::{JobError, Report, RunContext, Runtime, Settings};
use prometheus::Registry;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: service FOLDER")?;
    let store = SqliteStore::open(Path::new(&folder).join("jobs.sqlite")).await?;
    let registry = Registry::new();
    let opens = JobSpec::every("opens", Duration::from_secs(1));
    let runtime = Runtime::builder(Catalogue::builder("service").job(opens).build()?)
        .job("opens", async |_: RunContext| {
            File::open("/dev/null").map_err(|error| JobError::permanent(error.to_string()))?;
            Ok::<_, JobError>(Report::default())
        })
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .registry(&registry)
        .store(store)
        .build()?;
    let handle = runtime.handle();
    let router = observe(handle.clone(), &registry).merge(admin(handle, AdminToken::new("secret")));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    #[expect(clippy::print_stdout, reason = "the test reads it")]
    {
        println!("{}", listener.local_addr()?.port());
    }
    tokio::spawn(serve(listener, router, Limits::default()));
    runtime.run().await;
    Ok(())
}
