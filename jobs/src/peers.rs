//! Whom the jobs speak to, and how those fare.

use std::time::Duration;

use crate::cache::{Cache, Redis};
use crate::clip_sync::Wanted;
use crate::database::Database;
use crate::embeddings;
use crate::health::Health;
use crate::remote::Patience;
use crate::search::OpenSearch;
use crate::service_error::ServiceError;
use crate::settings::Settings;
use crate::twitch::Twitch;
use crate::webhooks::Deliverer;

/// How often those that no job may have asked for a while are asked whether they are there.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// The services that the jobs speak to. Copies share what is known about them.
#[derive(Debug, Clone)]
pub struct Peers {
    pub(crate) cache: Cache,
    pub(crate) database: Database,
    pub(crate) deliverer: Deliverer,
    pub(crate) embeddings: Option<embeddings::Client>,
    pub(crate) search: Option<OpenSearch>,
    pub(crate) twitch: Option<Twitch>,
    pub(crate) wanted: Wanted,
}

impl Peers {
    /// Those that the settings name. None of them is asked anything yet.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] if an address or a certificate of the system cannot be used.
    pub fn new(settings: &Settings, database: &Database) -> Result<Self, ServiceError> {
        let cache = match &settings.redis {
            Some(address) => Cache::Redis(Redis::new(address)?),
            None => Cache::Table(database.clone()),
        };
        let twitch = settings.twitch.clone();
        let twitch = twitch.map(|credentials| Twitch::new(credentials, Patience::default(), cache.clone()));
        let search = settings.search.clone();
        let search = search.map(|service| OpenSearch::new(service, Patience::default()));
        Ok(Self {
            deliverer: Deliverer::new(settings.webhook_addresses)?,
            embeddings: settings.embeddings.clone().map(embeddings::Client::new).transpose()?,
            search: search.transpose()?,
            twitch: twitch.transpose()?,
            wanted: settings.wanted.clone(),
            database: database.clone(),
            cache,
        })
    }

    /// Which of those are in trouble that the jobs can do without for a while, or the database, in
    /// words that anybody may read.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let [search, index] =
            self.search.as_ref().map(OpenSearch::healths).map_or([None, None], |both| both.map(Some));
        let healths: [Option<Health>; 5] = [
            self.cache.health(),
            search,
            index,
            self.twitch.as_ref().map(Twitch::health),
            self.embeddings.as_ref().map(embeddings::Client::health),
        ];
        let peers = healths.iter().flatten().filter(|health| health.trouble().is_some());
        let database = self.database.trouble().map(|trouble| format!("the database: {trouble}"));
        database.into_iter().chain(peers.map(|health| health.name().to_owned())).collect()
    }

    /// Asks the database, Redis and OpenSearch from time to time whether they are there, for ever.
    /// The others count requests, or cost.
    pub(crate) async fn watch(&self) {
        tokio::join!(self.database.watch(), self.probe());
    }

    async fn probe(&self) {
        let mut ticks = tokio::time::interval(PROBE_EVERY);
        loop {
            ticks.tick().await;
            self.cache.probe().await;
            if let Some(search) = &self.search {
                search.probe().await;
            }
        }
    }
}
