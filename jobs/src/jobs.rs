//! Which jobs there are, and what each gets to work with. What they do stands in their own modules.

use jobwatch_catalogue::Catalogue;
use jobwatch_runtime::{Job, Retry, Runtime, RuntimeBuilder, Settings as RuntimeSettings, job_names};
use prometheus::Registry;

use crate::database::Database;
use crate::peers::Peers;
use crate::service_error::ServiceError;
use crate::settings::{JobSettings, Settings};
use crate::{clip_sync, embeddings, hot_score, reputation, trending_score, webhooks};

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

/// A job over a database, with the services that it speaks to and its own settings.
fn job(name: ClipperJob, database: Database, peers: Peers, settings: &JobSettings) -> Job {
    let size = settings.batch_size;
    match name {
        ClipperJob::HotScoreRefresh => hot_score::job(database, size),
        ClipperJob::TrendingScoreRefresh => trending_score::job(database, size),
        ClipperJob::ClipSync => match peers.twitch {
            Some(twitch) => clip_sync::job(database, peers.cache, twitch, peers.wanted),
            None => Job::disabled("nobody may ask Twitch"),
        },
        ClipperJob::ReputationTasks => reputation::job(database, size),
        ClipperJob::WebhookRetry => {
            let limits = webhooks::Limits { batch: size, concurrency: settings.concurrency };
            webhooks::job(database, peers.deliverer, limits)
        }
        ClipperJob::EmbeddingGeneration => match peers.embeddings {
            Some(client) => embeddings::job(database, client, peers.cache, peers.search, size),
            None => Job::disabled("there is no embedding service"),
        },
    }
}

/// All of them, as the settings want them.
fn all(settings: &Settings, database: &Database, peers: &Peers) -> Vec<(ClipperJob, Job)> {
    let wanted = |name: ClipperJob| {
        let Some(settings) = settings.jobs.get(name.name()) else {
            return (name, Job::disabled("the settings do not know it"));
        };
        let job = match settings.missing {
            Some(why) => Job::disabled(why),
            None => job(name, database.clone(), peers.clone(), settings).enabled(settings.enabled),
        };
        let job = job.retry(Retry::times(2)).schedule(settings.schedule.clone());
        (name, job.timeout(settings.timeout))
    };
    ClipperJob::ALL.map(wanted).into()
}

/// The catalogue that the service is compiled with.
const CATALOGUE: &str = include_str!("../catalogue.yaml");

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
    let jobs = all(settings, database, peers);
    let builder = Runtime::builder(catalogue()?).registry(registry).settings(behaviour).jobs(jobs);
    Ok(database.keep(builder, &settings.database, settings.retention.runs).await?)
}
