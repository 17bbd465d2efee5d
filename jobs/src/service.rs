//! The jobs on their runtime, as a service.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use chrono::Utc;
use jobwatch_catalogue::Catalogue;
use jobwatch_runtime::http::{admin, observe};
use jobwatch_runtime::{BuildError, Handle, Job, Retry, RunContext, Runtime, RuntimeBuilder};
use jobwatch_runtime::{Settings as RuntimeSettings, ShutdownReport, job_names};
use jobwatch_runtime::{register_process_start, shutdown_signal};
use prometheus::Registry;
use tokio::net::TcpListener;

use crate::clip_sync;
use crate::database::Database;
use crate::front::{Front, Waiting};
use crate::peers::Peers;
use crate::readiness;
pub use crate::service_error::ServiceError;
use crate::settings::{JobSettings, Settings};
use crate::twitch::Twitch;
use crate::{embeddings, hot_score, reputation, retention, search, trending_score, webhooks};

job_names! {
    /// The jobs of the catalogue.
    pub(crate) enum ClipperJob {
        HotScoreRefresh = "hot_score_refresh",
        TrendingScoreRefresh = "trending_score_refresh",
        ClipSync = "clip_sync",
        ReputationTasks = "reputation_tasks",
        WebhookRetry = "webhook_retry",
        EmbeddingGeneration = "embedding_generation",
    }
}

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
    let jobs = ClipperJob::ALL.map(|name| (name, job(name, settings, database, peers)));
    let builder = Runtime::builder(catalogue()?).registry(registry).settings(behaviour).jobs(jobs);
    Ok(database.keep(builder, &settings.database).await?)
}

/// A registry of a process, which tells when that started.
///
/// # Errors
///
/// Never: nothing is registered before.
pub fn registry() -> Result<Registry, ServiceError> {
    let registry = Registry::new();
    register_process_start(&registry).map_err(BuildError::from)?;
    Ok(registry)
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

/// What a job works with.
#[derive(Clone)]
struct Site {
    database: Database,
    peers: Peers,
    settings: JobSettings,
}

/// A job as the settings want it.
fn job(name: ClipperJob, settings: &Settings, database: &Database, peers: &Peers) -> Job {
    let Some(settings) = settings.jobs.get(name.name()).cloned() else {
        return Job::disabled("the settings do not know it");
    };
    let (schedule, timeout, enabled) = (settings.schedule.clone(), settings.timeout, settings.enabled);
    let job = match settings.missing {
        Some(why) => Job::disabled(why),
        None => {
            let site = Site { database: database.clone(), peers: peers.clone(), settings };
            body(name, site).retry(Retry::times(2)).enabled(enabled)
        }
    };
    job.schedule(schedule).timeout(timeout)
}

/// The body of a job, and what counts its queue.
fn body(name: ClipperJob, site: Site) -> Job {
    match name {
        ClipperJob::HotScoreRefresh => Job::with(site, async |site: Site, run: RunContext| {
            hot_score::refresh(&site.database, site.settings.batch_size, &run).await
        }),
        ClipperJob::TrendingScoreRefresh => Job::with(site, async |site: Site, run: RunContext| {
            trending_score::refresh(&site.database, site.settings.batch_size, Utc::now(), &run).await
        }),
        ClipperJob::ReputationTasks => Job::with(site, async |site: Site, run: RunContext| {
            reputation::refresh(&site.database, site.settings.batch_size, Utc::now(), &run).await
        }),
        ClipperJob::WebhookRetry => {
            let retry = async |site: Site, run: RunContext| {
                let JobSettings { batch_size, concurrency, .. } = site.settings;
                let limits = webhooks::Limits { batch: batch_size, concurrency };
                webhooks::retry(&site.database, &site.peers.deliverer, limits, &run).await
            };
            let size = async |site: Site| webhooks::size(&site.database).await;
            Job::with(site, Job::new(retry).queue(size))
        }
        ClipperJob::EmbeddingGeneration => match site.peers.embeddings.clone() {
            Some(client) => embedding_generation(site, client),
            None => Job::disabled("there is no embedding service"),
        },
        ClipperJob::ClipSync => match site.peers.twitch.clone() {
            Some(twitch) => {
                Job::with((site, twitch), async |(site, twitch): (Site, Twitch), run: RunContext| {
                    let Peers { cache, wanted, .. } = &site.peers;
                    clip_sync::sync(&site.database, cache, &twitch, wanted, Utc::now(), &run).await
                })
            }
            None => Job::disabled("nobody may ask Twitch"),
        },
    }
}

fn embedding_generation(site: Site, client: embeddings::Client) -> Job {
    type State = (Site, embeddings::Client);
    let generate = async |(site, client): State, run: RunContext| {
        let (database, Peers { cache, search, .. }) = (&site.database, &site.peers);
        let generated = embeddings::generate(database, &client, cache, site.settings.batch_size, &run).await;
        if let Some(index) = search {
            search::index_new(database, index, &client.service().model, &run).await?;
        }
        generated
    };
    let size = async |(site, client): State| embeddings::size(&site.database, client.service()).await;
    Job::with((site, client), Job::new(generate).queue(size))
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

    let registry = registry()?;
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
