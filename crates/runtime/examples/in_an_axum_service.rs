//! Jobs inside an axum service that exists already: its registry, its router, its shutdown.
//!
//! ```sh
//! ADMIN_TOKEN=secret cargo run -p jobwatch-runtime --features http,sqlite \
//!   --example in_an_axum_service
//! curl localhost:3000/metrics
//! curl -H 'Authorization: Bearer secret' localhost:3000/admin/jobs
//! curl -X POST -H 'Authorization: Bearer secret' \
//!   -d '{"job_name": "send_mails"}' localhost:3000/admin/jobs/trigger
//! ```

#![allow(clippy::print_stdout, reason = "this program is there to be looked at")]

use std::error::Error;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jobwatch_runtime::http::{AdminToken, AdminTokens, admin, observe};
use jobwatch_runtime::prometheus::{IntCounter, Registry};
use jobwatch_runtime::store::SqliteStore;
use jobwatch_runtime::{JobSpec, Report, RunContext, Runtime, ShutdownReport};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_target(false).with_ansi(std::io::stdout().is_terminal()).init();
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://localhost:3000, until Ctrl-C or SIGTERM; the second one leaves at once");
    let ending = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = ending.clone();
    tokio::spawn(async move {
        let mut asked = async || tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} };
        asked().await;
        told.cancel();
        asked().await;
        println!("leaving at once");
        std::process::exit(1);
    });
    let tokens = std::env::var("ADMIN_TOKEN").into_iter().map(AdminToken::new).collect();
    let report = serve(listener, &std::env::temp_dir(), tokens, ending).await?;
    println!("interrupted runs: {}", report.interrupted.len());
    Ok(())
}

/// Serves the shop and its jobs until all its parts are told to end.
pub(crate) async fn serve(
    listener: TcpListener,
    folder: &Path,
    tokens: AdminTokens,
    ending: CancellationToken,
) -> Result<ShutdownReport, Box<dyn Error>> {
    // What the service has anyway: its metrics and its routes.
    let registry = Registry::new();
    let visits = IntCounter::new("shop_visits_total", "Visits of the start page.")?;
    registry.register(Box::new(visits.clone()))?;
    let service = Router::new()
        .route(
            "/",
            get(async |State(visits): State<IntCounter>| {
                visits.inc();
                "Welcome.\n"
            }),
        )
        .with_state(visits);

    // The jobs join in.
    let every_minute = JobSpec::every("send_mails", Duration::from_secs(60));
    let runtime = Runtime::builder("shop")
        .job(every_minute.summary("Sends mails.").items("mails"), async |_: RunContext| Report::items(3))
        .registry(&registry)
        .store(SqliteStore::open(folder.join("jobwatch-example.sqlite")).await?)
        .build()?;
    let router = service.merge(observe(runtime.handle(), &registry)).merge(admin(runtime.handle(), tokens));

    let until = ending.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move { until.cancelled().await });
    let jobs = tokio::spawn(runtime.run_until(ending.cancelled_owned()));
    server.await?;
    Ok(jobs.await?)
}
