//! The service over a made-up site and made-up peers, sped up, with a table of what its jobs do.

mod empty;
mod environment;
mod error;
mod fault;
mod guarded;
mod options;
mod screen;
mod site;
mod table;
mod watch;
mod watchers;
mod world;

use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use jobwatch_runtime::{Runtime, Settings as RuntimeSettings, shutdown_signal};
use tokio::time::Instant;

use clipper_jobs::database::{Address, Database};
use clipper_jobs::peers::Peers;
use clipper_jobs::service::{self, ServiceError};
use clipper_jobs::settings::Settings;
pub use empty::NotEmpty;
use environment::{ADMIN_TOKEN, Environment};
pub use error::DemoError;
use fault::Faults;
pub use fault::{Fault, Mode};
pub use options::Options;
use screen::Screen;
use site::Site;
use table::{Now, Row};
use watch::Watch;
use watchers::{Tools, Watchers};
use world::World;

/// The name of the file that the log is in: on the terminal is the table.
pub const LOG: &str = "log";

/// How often the screen is drawn.
const REDRAW: Duration = Duration::from_millis(250);

/// How a runtime goes about its work that is there to be looked at.
fn behaviour() -> RuntimeSettings {
    RuntimeSettings {
        start_delay: Duration::from_secs(1),
        grace: Duration::from_secs(1),
        drain: Duration::from_secs(2),
        queue_interval: Duration::from_secs(1),
        ..RuntimeSettings::default()
    }
}

/// Shows the jobs at work until the time is up, or SIGTERM or Ctrl-C: with the database in a
/// folder, and whoever calls it logs to [`LOG`] there. `real` is the environment, of which little
/// is taken.
///
/// # Errors
///
/// [`DemoError`] if it cannot start. Jobs that fail are no error: they are what is shown.
pub async fn show(
    options: &Options,
    folder: &Path,
    real: impl Fn(&str) -> Option<String>,
) -> Result<(), DemoError> {
    let mut shutdown_signal = Box::pin(shutdown_signal());
    options.check()?;
    let tools = options.prometheus.then(|| Tools::find(real("PATH").as_deref())).transpose()?;
    let world = World::start().await.map_err(DemoError::World)?;
    let (twitch, embeddings) = world.urls();
    let environment = Environment {
        database: &format!("sqlite:{}", folder.join("clipper.sqlite").display()),
        port: options.port,
        twitch: twitch.as_str(),
        embeddings: embeddings.as_str(),
        faults: &options.fail,
    };
    let settings = Settings::read(&service::catalogue()?, |variable| environment.value(variable, &real))?;
    let (listener, address) = service::listen(&settings).await.map_err(|error| match error {
        ServiceError::Listen { address, source } => DemoError::Listen { address, source },
        other => other.into(),
    })?;
    let database = empty_database(&settings).await?;

    let mut screen = Screen::new();
    let size = options.size();
    screen.say(&format!("Filling {} with {size}", settings.database));
    let subscriptions = world.subscriptions().map_err(DemoError::World)?;
    let site = tokio::select! {
        filled = Site::fill(&database, size, options.seed, subscriptions, Utc::now()) => filled?,
        _ = &mut shutdown_signal => return Ok(()),
    };

    let registry = service::registry()?;
    let peers = Peers::new(&settings, &database)?;
    let builder = service::builder(&settings, &database, &peers, &registry, behaviour()).await?;
    let runtime = builder.middleware(Faults::new(&options.fail)).build().map_err(ServiceError::from)?;
    let handle = runtime.handle();
    let router = service::router(&settings, handle.clone(), &peers, &registry);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let life = tokio::spawn(live(site, world));
    let ending = handle.clone();
    tokio::spawn(async move {
        // A signal that comes before the runtime listens to them is not lost.
        shutdown_signal.await;
        ending.shutdown();
    });
    let watchers = match tools {
        Some(tools) => Some(Watchers::start(&tools, &service::catalogue()?, folder, address.port()).await?),
        None => None,
    };
    let mut foot = foot(&format!("http://{address}"), &folder.join(LOG), &options.fail);
    foot.extend(watchers.iter().flat_map(Watchers::pages));
    screen.frame(head(&options.fail), foot);
    let kept = options.keep.then(|| format!(" {} is kept.", folder.display()));
    let watch = Watch::new(handle, registry);
    follow(runtime, watch, watchers, screen, options.time, &kept.unwrap_or_default()).await;
    life.abort();
    server.abort();
    Ok(())
}

/// Connects to a database, and makes its tables if there is nothing in it.
async fn empty_database(settings: &Settings) -> Result<Database, DemoError> {
    let address = &settings.database;
    if let Address::Sqlite(path) = address
        && path.with_added_extension("jobs").exists()
    {
        return Err(NotEmpty::of(address).into());
    }
    let database = Database::open(address, settings.database_connections).await?;
    empty::check_empty(&database, address).await??;
    database.migrate().await?;
    Ok(database)
}

/// Runs the jobs, and shows what they do until the time is up, somebody ends it, or nobody looks
/// any more.
async fn follow(
    runtime: Runtime,
    mut watch: Watch,
    mut watchers: Option<Watchers>,
    mut screen: Screen,
    time: Option<Duration>,
    kept: &str,
) {
    let begun = Instant::now();
    let handle = runtime.handle();
    let mut running = tokio::spawn(runtime.run());
    let mut ticks = tokio::time::interval(REDRAW);
    let mut rows = Vec::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut running => break,
        }
        screen.tell(watchers.iter_mut().flat_map(Watchers::told).collect());
        match watch.look().await {
            Ok((found, ended)) => {
                screen.show(&found, ended, &clock(begun.elapsed(), time));
                rows = found;
            }
            Err(error) => tracing::error!(%error, "the jobs cannot be looked at"),
        }
        if screen.is_closed() || time.is_some_and(|time| begun.elapsed() >= time) {
            handle.shutdown();
        }
    }
    let mut late = Vec::new();
    if let Ok((found, ended)) = watch.look().await {
        (rows, late) = (found, ended);
    }
    for row in &mut rows {
        row.now = Now::Ended;
    }
    screen.end(&rows, late, &format!("{}{kept}", summary(&rows, begun.elapsed())));
}

/// Has something happen each second, for ever.
async fn live(site: Site, world: World) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for second in 0.. {
        ticks.tick().await;
        world.turn(second);
        if let Err(error) = site.visit(second, Utc::now()).await {
            tracing::error!(%error, "the site's visitors cannot write to the database");
        }
    }
}

fn head(faults: &[Fault]) -> Vec<String> {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Vec::new() } else { vec![format!("Made to fail: {}", faults.join(", "))] }
}

/// What to try meanwhile.
fn foot(url: &str, log: &Path, faults: &[Fault]) -> Vec<String> {
    let job = faults.first().map_or("webhook_retry", |fault| &fault.job);
    let authorized = format!("curl -H 'Authorization: Bearer {ADMIN_TOKEN}'");
    vec![
        format!("{url}/ in a browser shows more, with the token `{ADMIN_TOKEN}`."),
        "Meanwhile, in another terminal:".to_owned(),
        format!("curl -s {url}/metrics | grep {job} | grep -v _bucket"),
        format!("curl {url}/readyz"),
        format!("{authorized} {url}/admin/jobs"),
        format!("{authorized} -X POST {url}/admin/jobs/{job}/pause"),
        format!("{authorized} \\"),
        format!("     -d '{{\"job_name\": \"{job}\"}}' {url}/admin/jobs/trigger"),
        format!("tail -f {}", log.display()),
    ]
}

fn clock(elapsed: Duration, time: Option<Duration>) -> String {
    let elapsed = elapsed.as_secs();
    match time {
        Some(time) => format!("{elapsed} s of {}", time.as_secs()),
        None => format!("{elapsed} s; Ctrl-C ends it"),
    }
}

fn summary(rows: &[Row], elapsed: Duration) -> String {
    let (succeeded, failed) =
        rows.iter().fold((0, 0), |sums, row| (sums.0 + row.runs.0, sums.1 + row.runs.1));
    format!("Ended after {} s: {succeeded} runs succeeded, {failed} failed.", elapsed.as_secs())
}
