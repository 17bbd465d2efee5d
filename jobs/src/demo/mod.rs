//! The service on a made-up site, with everything that it speaks to, to be looked at: what somebody tries before installing anything.

mod fault;
mod site;
mod table;
mod watch;
mod world;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jobwatch_runtime::http::{admin, observe_with};
use jobwatch_runtime::{JobError, Settings as RuntimeSettings};
use prometheus::Registry;

use crate::database::{Database, DatabaseError};
use crate::peers::Peers;
use crate::service::{self, ServiceError};
use crate::settings::{Settings, SettingsError};
use fault::Faults;
pub use fault::{Fault, FaultError, Mode};
pub use site::Size;
use watch::Watch;
use world::World;

/// Opens the admin API of the demo, unless `ADMIN_TOKEN` is set.
const TOKEN: &str = "demo";

/// How long something that hangs may take.
const TIMEOUT_OF_HANGING: &str = "5s";

/// How often each job runs, so that something is to be seen.
const INTERVALS: [(&str, &str); 6] = [
    ("HOT_SCORE_REFRESH_INTERVAL", "5s"),
    ("TRENDING_SCORE_REFRESH_INTERVAL", "10s"),
    ("CLIP_SYNC_INTERVAL", "10s"),
    ("REPUTATION_TASKS_INTERVAL", "10s"),
    ("WEBHOOK_RETRY_INTERVAL", "5s"),
    ("EMBEDDING_GENERATION_INTERVAL", "5s"),
];

/// What is to be shown.
#[derive(Debug, Clone)]
pub struct Options {
    /// How large the site is.
    pub size: Size,
    /// What is broken.
    pub faults: Vec<Fault>,
    /// When it ends by itself.
    pub duration: Option<Duration>,
    /// Where the database is, unless it is a fresh file of SQLite, and the log.
    pub folder: PathBuf,
}

/// The demo cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A variable cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The service cannot start.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database has a site, which the demo would spoil.
    #[error(
        "{0} has clips or users already: the demo fills an empty database only; unset DATABASE_URL for a fresh one"
    )]
    NotEmpty(String),
    /// The site cannot be filled.
    #[error("the site cannot be filled: {0}")]
    Fill(JobError),
    /// The system has no ports to give.
    #[error("the servers of the demo cannot be started: {0}")]
    Servers(#[from] io::Error),
}

impl From<jobwatch_runtime::BuildError> for DemoError {
    fn from(error: jobwatch_runtime::BuildError) -> Self {
        Self::Service(error.into())
    }
}

/// Shows the service at work until SIGTERM, Ctrl-C, or the end of its time.
///
/// # Errors
///
/// [`DemoError`] if it cannot start.
pub async fn show(options: &Options, environment: impl Fn(&str) -> Option<String>) -> Result<(), DemoError> {
    let world = World::start().await?;
    let variables = variables(options, &world);
    let catalogue = service::catalogue()?;
    let settings =
        Settings::read(&catalogue, |name| environment(name).or_else(|| variables.get(name).cloned()))?;
    let database = Database::connect(&settings.database).await?;
    if !site::is_empty(&database).await.map_err(DemoError::Fill)? {
        return Err(DemoError::NotEmpty(settings.database.to_string()));
    }
    let (listener, address) = service::listen(&settings).await?;
    let mut watch = Watch::new(options, &settings, address);
    watch.say("filling the site …");
    site::fill(&database, options.size, &world.subscriptions()?).await.map_err(DemoError::Fill)?;

    let registry = Registry::new();
    let peers = Peers::new(&settings, &database)?;
    let behaviour = RuntimeSettings {
        start_delay: Duration::from_secs(1),
        grace: Duration::from_secs(1),
        drain: Duration::from_secs(2),
        queue_interval: Duration::from_secs(1),
        ..RuntimeSettings::default()
    };
    let builder = service::builder(&settings, &database, &peers, &registry, behaviour).await?;
    let runtime = builder.middleware(Faults(options.faults.clone())).build()?;
    let handle = runtime.handle();
    let token = settings.admin_token.clone();
    let router = observe_with(handle.clone(), &registry, move || peers.troubles());
    let router = router.merge(admin(handle.clone(), token));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let visitors = tokio::spawn(visitors(world, database));
    let running = tokio::spawn(runtime.run());
    watch.follow(&handle, &registry, options.duration, &running).await;
    handle.shutdown();
    let _ = running.await;
    visitors.abort();
    server.abort();
    Ok(())
}

/// What the demo sets, unless somebody has set it otherwise.
fn variables(options: &Options, world: &World) -> BTreeMap<String, String> {
    let file = options.folder.join("clipper.sqlite");
    let mut variables: BTreeMap<String, String> =
        INTERVALS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.extend(world.variables().into_iter().map(|(name, value)| (name.to_owned(), value)));
    variables.insert("DATABASE_URL".to_owned(), format!("sqlite:{}", file.display()));
    variables.insert("ADMIN_TOKEN".to_owned(), TOKEN.to_owned());
    for fault in options.faults.iter().filter(|fault| fault.mode == Mode::Hang) {
        variables.insert(format!("{}_TIMEOUT", fault.job.to_uppercase()), TIMEOUT_OF_HANGING.to_owned());
    }
    variables
}

/// People use the site, and the services have their moments.
async fn visitors(world: World, database: Database) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for round in 1.. {
        ticks.tick().await;
        world.turn(round);
        if let Err(error) = site::visit(&database, round).await {
            tracing::warn!(%error, "nobody could use the site");
        }
    }
}
