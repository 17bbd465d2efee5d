//! The jobs on their runtime, as a service.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use chrono::Utc;
use jobwatch_catalogue::Catalogue;
use jobwatch_runtime::http::{admin, observe};
use jobwatch_runtime::{Handle, Retry, RunContext, Runtime, RuntimeBuilder, ShutdownReport};
use jobwatch_runtime::{Job, Settings as RuntimeSettings, shutdown_signal};
use prometheus::Registry;
use tokio::net::TcpListener;

use crate::clip_sync;
use crate::database::Database;
use crate::front::{Front, Waiting};
use crate::peers::Peers;
use crate::readiness;
pub use crate::service_error::ServiceError;
use crate::settings::{JobSettings, Settings};
use crate::{embeddings, hot_score, reputation, retention, search, trending_score, webhooks};

/// The catalogue that the service is compiled with.
const CATALOGUE: &str = include_str!("../catalogue.yaml");

/// The longest wait between two attempts to reach the database at the start.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The catalogue of Clipper's jobs.
///
/// # Errors
///
/// Only if the file in the repository is not in order, which its tests would have told.
pub fn catalogue() -> Result<Catalogue, ServiceError> {
    Ok(jobwatch_catalogue::yaml::parse(CATALOGUE)?.catalogue)
}

/// The jobs over a database, on a runtime that is still to be built.
///
/// # Errors
///
/// [`ServiceError`] if what the runtime keeps cannot be used.
pub async fn builder(
    settings: &Settings,
    database: &Database,
    peers: &Peers,
    registry: &Registry,
    behaviour: RuntimeSettings,
) -> Result<RuntimeBuilder, ServiceError> {
    let mut builder = Runtime::builder(catalogue()?).registry(registry).settings(behaviour);
    for (name, job) in &settings.jobs {
        builder = builder
            .schedule(name, job.schedule.clone())
            .timeout(name, job.timeout)
            .enabled(name, job.enabled);
        if let Some(why) = job.missing {
            builder = builder.disabled(name, why);
        }
        builder = body(builder, name, job, database, peers);
    }
    Ok(database.keep(builder, &settings.database).await?)
}

/// Listens where the settings say, and answers where that is.
///
/// # Errors
///
/// [`ServiceError::Listen`] if the port is taken.
pub async fn listen(settings: &Settings) -> Result<(TcpListener, SocketAddr), ServiceError> {
    let listening = async {
        let listener = TcpListener::bind((settings.bind, settings.port)).await?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    let address = format!("{}:{}", settings.bind, settings.port);
    listening.await.map_err(|source| ServiceError::Listen { address, source })
}

/// Everything that the service has over HTTP.
pub fn router(settings: &Settings, handle: Handle, peers: &Peers, registry: &Registry) -> Router {
    let all = observe(handle.clone(), registry).merge(admin(handle.clone(), settings.admin_token.clone()));
    readiness::router(handle, peers.clone()).fallback_service(all)
}

/// Gives a job its body, if what it needs is known.
fn body(
    builder: RuntimeBuilder,
    name: &str,
    job: &JobSettings,
    database: &Database,
    peers: &Peers,
) -> RuntimeBuilder {
    let (database, size, deliverer) = (database.clone(), job.batch_size, peers.deliverer.clone());
    let retry = Retry::times(2);
    match name {
        "hot_score_refresh" => {
            let body = move |run: RunContext| {
                let database = database.clone();
                async move { hot_score::refresh(&database, size, &run).await }
            };
            builder.job(name, body.retrying(retry))
        }
        "trending_score_refresh" => {
            let body = move |run: RunContext| {
                let database = database.clone();
                async move { trending_score::refresh(&database, size, Utc::now(), &run).await }
            };
            builder.job(name, body.retrying(retry))
        }
        "reputation_tasks" => {
            let body = move |run: RunContext| {
                let database = database.clone();
                async move { reputation::refresh(&database, size, Utc::now(), &run).await }
            };
            builder.job(name, body.retrying(retry))
        }
        "webhook_retry" => {
            let limits = webhooks::Limits { batch: size, concurrency: job.concurrency };
            let queue = database.clone();
            let body = move |run: RunContext| {
                let (database, deliverer) = (database.clone(), deliverer.clone());
                async move { webhooks::retry(&database, &deliverer, limits, &run).await }
            };
            builder.job(name, body.retrying(retry)).queue(name, move || {
                let database = queue.clone();
                async move { webhooks::size(&database).await }
            })
        }
        "embedding_generation" => {
            let Some(client) = peers.embeddings.clone() else { return builder };
            let (queue, service) = (database.clone(), client.service().clone());
            let (cache, index) = (peers.cache.clone(), peers.search.clone());
            let body = move |run: RunContext| {
                let (database, client) = (database.clone(), client.clone());
                let (cache, index) = (cache.clone(), index.clone());
                async move {
                    let generated = embeddings::generate(&database, &client, &cache, size, &run).await;
                    if let Some(index) = index {
                        search::index_new(&database, &index, &client.service().model, &run).await?;
                    }
                    generated
                }
            };
            builder.job(name, body.retrying(retry)).queue(name, move || {
                let (database, service) = (queue.clone(), service.clone());
                async move { embeddings::size(&database, &service).await }
            })
        }
        "clip_sync" => {
            let Some(twitch) = peers.twitch.clone() else { return builder };
            let (cache, wanted) = (peers.cache.clone(), peers.wanted.clone());
            let body = move |run: RunContext| {
                let (database, cache) = (database.clone(), cache.clone());
                let (twitch, wanted) = (twitch.clone(), wanted.clone());
                async move { clip_sync::sync(&database, &cache, &twitch, &wanted, Utc::now(), &run).await }
            };
            builder.job(name, body.retrying(retry))
        }
        _ => builder,
    }
}

/// Runs the service until SIGTERM or Ctrl-C. It listens before it has a database, so that whoever
/// asks learns what it waits for.
///
/// # Errors
///
/// [`ServiceError`] if it cannot start.
pub async fn serve(settings: &Settings) -> Result<ShutdownReport, ServiceError> {
    let mut shutdown_signal = Box::pin(shutdown_signal());
    let (listener, local) = listen(settings).await?;
    let waiting = Waiting::default();
    let front = Front::new(waiting.router());
    // The server answers until the last run has ended: whoever watches the shutdown can see it.
    let server = tokio::spawn(front.clone().serve(listener));
    tracing::info!(address = %local, database = %settings.database, "Clipper's jobs are served");

    let registry = Registry::new();
    let (runtime, peers) = tokio::select! {
        started = start(settings, &registry, &waiting) => started?,
        signal = &mut shutdown_signal => {
            tracing::info!(signal, "signal received while the database was waited for");
            return Ok(ShutdownReport::default());
        }
    };
    let handle = runtime.handle();
    front.replace(router(settings, handle.clone(), &peers, &registry));
    let retention = settings.retention;
    let watch = tokio::spawn(async move {
        tokio::join!(peers.watch(), retention::keep(&peers.database, &retention));
    });
    // A signal that comes before the runtime listens to them is not lost.
    tokio::spawn(async move {
        shutdown_signal.await;
        handle.shutdown();
    });
    let report = runtime.run().await;
    watch.abort();
    server.abort();
    Ok(report)
}

/// The jobs over the database, as soon as that can be used.
async fn start(
    settings: &Settings,
    registry: &Registry,
    waiting: &Waiting,
) -> Result<(Runtime, Peers), ServiceError> {
    let behaviour = RuntimeSettings { start_delay: settings.start_delay, ..RuntimeSettings::default() };
    let mut wait = Duration::from_secs(1);
    loop {
        let attempt = async {
            let database = Database::connect_with(&settings.database, settings.database_connections).await?;
            let peers = Peers::new(settings, &database)?;
            let builder = builder(settings, &database, &peers, registry, behaviour).await?;
            Ok((builder.build()?, peers))
        };
        match attempt.await {
            Err(ServiceError::Database(error)) if error.may_pass() => {
                let database = &settings.database;
                tracing::error!(%database, %error, wait_seconds = wait.as_secs(), "the database cannot be used yet");
                waiting.because(error.public());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            ended => return ended,
        }
    }
}
