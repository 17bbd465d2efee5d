//! What is in force: the catalogue, overridden by environment variables. The only place that reads
//! the environment.

mod accepts;
mod admin;
mod origin;
mod peers;
mod problem;
mod reader;
mod retention;
mod table;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, Schedule, duration};
use jobwatch_runtime::http::AdminTokens;

use crate::cache::RedisAddress;
use crate::clip_sync::Wanted;
use crate::database::Address;
use crate::embeddings::Service;
use crate::retention::Retention;
use crate::search::SearchService;
use crate::twitch::Credentials;
use crate::webhooks::AddressRule;
pub use accepts::Accepts;
pub use origin::Origin;
use peers::Missing;
pub use problem::{SettingsError, SettingsProblem};
use reader::Reader;
pub use table::{SETTINGS, Setting, markdown};

/// How many rows a job handles at a time, unless it is told otherwise; and how many requests.
const BATCH_SIZES: (u32, u32) = (10_000, 100);

/// The jobs that send requests, and handle few rows at a time.
const SENDING: [&str; 2] = [WEBHOOK_RETRY, EMBEDDING_GENERATION];

const WEBHOOK_RETRY: &str = "webhook_retry";
const CLIP_SYNC: &str = "clip_sync";
const EMBEDDING_GENERATION: &str = "embedding_generation";

/// What is in force.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the database is.
    pub database: Address,
    /// How many connections to PostgreSQL the jobs have at most, beside those of the runtime.
    pub database_connections: u32,
    /// The address that the service listens on.
    pub bind: IpAddr,
    /// The port.
    pub port: u16,
    /// What opens the admin API.
    pub admin_tokens: AdminTokens,
    /// How long a process runs nothing after its start, or half as long again.
    pub start_delay: Duration,
    /// Where webhooks may be sent to.
    pub webhook_addresses: AddressRule,
    /// Who asks Twitch, if that is known.
    pub twitch: Option<Credentials>,
    /// Which clips are wanted from there.
    pub wanted: Wanted,
    /// Where embeddings are computed, if that is known.
    pub embeddings: Option<Service>,
    /// Where embeddings are indexed, if they are.
    pub search: Option<SearchService>,
    /// Where replicas share what they know for a while, if not in the database.
    pub redis: Option<RedisAddress>,
    /// For how long what is kept.
    pub retention: Retention,
    /// The jobs, by their names.
    pub jobs: BTreeMap<String, JobSettings>,
    /// Every setting with its value and where that comes from, in order, secrets left out.
    pub origins: Vec<Origin>,
}

/// What is in force for one job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSettings {
    /// Whether it runs.
    pub enabled: bool,
    /// What is missing for it to run at all, if something is.
    pub missing: Option<&'static str>,
    /// When it is due.
    pub schedule: Schedule,
    /// How long it may take.
    pub timeout: Duration,
    /// How many rows it handles at a time.
    pub batch_size: u32,
    /// How many deliveries it has under way at a time, for the job that delivers.
    pub concurrency: u32,
}

impl Settings {
    /// Reads the settings from an environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names every variable whose value cannot be used, and what can.
    pub fn read(
        catalogue: &Catalogue,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(&environment);
        let database = reader.secret_of(&table::DATABASE_URL, str::parse::<Address>, Address::to_string);
        let database_connections = reader.parsed(
            &table::DATABASE_CONNECTIONS,
            |text| table::DATABASE_CONNECTIONS.accepts.number(text),
            u32::to_string,
        );
        let bind = reader.parsed(&table::BIND, |text| text.parse().ok(), IpAddr::to_string);
        let port = reader.parsed(&table::PORT, |text| text.parse().ok(), u16::to_string);
        let admin_tokens = admin::tokens(&mut reader);
        let start_delay = reader.parsed(
            &table::START_DELAY,
            |text| table::START_DELAY.accepts.duration(text),
            |delay| duration::format(*delay),
        );
        let private = reader.parsed(&table::WEBHOOK_ADDRESSES, boolean, ToString::to_string);
        let retention = retention::read(&mut reader);
        let twitch = peers::twitch(&mut reader);
        let wanted = peers::wanted(&mut reader);
        let embeddings = peers::embeddings(&mut reader);
        let search = peers::search(&mut reader, embeddings.as_ref().ok());
        let redis = peers::redis(&mut reader);
        let missing = [(CLIP_SYNC, twitch.as_ref().err()), (EMBEDDING_GENERATION, embeddings.as_ref().err())];
        let jobs = catalogue
            .jobs()
            .iter()
            .map(|job| (job.name().to_string(), job_settings(job, missing_for(job, &missing), &mut reader)))
            .collect();
        let origins = reader.finish()?;
        Ok(Self {
            // As its default says.
            database: database.unwrap_or_else(|| Address::Sqlite("clipper.sqlite".into())),
            database_connections,
            bind,
            port,
            admin_tokens,
            start_delay,
            webhook_addresses: if private { AddressRule::Any } else { AddressRule::Public },
            twitch: twitch.ok(),
            wanted,
            embeddings: embeddings.ok(),
            search,
            redis,
            retention,
            jobs,
            origins,
        })
    }
}

/// What is missing for a job, if something is.
fn missing_for(job: &JobSpec, missing: &[(&str, Option<&Missing>)]) -> Option<&'static str> {
    let found = missing.iter().find(|(name, _)| *name == job.name().as_str())?;
    found.1.copied()
}

/// The settings of a job, which cannot be enabled while it misses something.
fn job_settings(job: &JobSpec, missing: Option<&'static str>, reader: &mut Reader<'_>) -> JobSettings {
    let prefix = job.name().variable_prefix();
    let variable = |setting: &Setting| setting.variable.replace("<JOB>", &prefix);
    let interval = reader.overridden(
        &table::JOB_INTERVAL,
        job.interval_variable(),
        (&job.schedule().to_string(), "catalogue"),
        |text| Schedule::every(table::JOB_INTERVAL.accepts.duration(text)?).ok(),
        ToString::to_string,
    );
    let timeout = reader.overridden(
        &table::JOB_TIMEOUT,
        &variable(&table::JOB_TIMEOUT),
        (&duration::format(job.timeout()), "catalogue"),
        |text| table::JOB_TIMEOUT.accepts.duration(text),
        |timeout| duration::format(*timeout),
    );
    let enabled = if let Some(why) = missing {
        reader.fixed(&variable(&table::JOB_ENABLED), "false", why);
        Some(false)
    } else {
        reader.overridden(
            &table::JOB_ENABLED,
            &variable(&table::JOB_ENABLED),
            (&job.enabled().to_string(), "catalogue"),
            boolean,
            ToString::to_string,
        )
    };
    let sends = SENDING.contains(&job.name().as_str());
    let default = if sends { BATCH_SIZES.1 } else { BATCH_SIZES.0 };
    let batch_size = reader.overridden(
        &table::JOB_BATCH_SIZE,
        &variable(&table::JOB_BATCH_SIZE),
        (&default.to_string(), "default"),
        |text| table::JOB_BATCH_SIZE.accepts.number(text),
        u32::to_string,
    );
    let concurrency = (job.name().as_str() == WEBHOOK_RETRY).then(|| {
        reader.parsed(
            &table::WEBHOOK_CONCURRENCY,
            |text| table::WEBHOOK_CONCURRENCY.accepts.number(text),
            u32::to_string,
        )
    });
    JobSettings {
        enabled: enabled.unwrap_or(job.enabled()),
        missing,
        schedule: interval.unwrap_or_else(|| job.schedule().clone()),
        timeout: timeout.unwrap_or(job.timeout()),
        batch_size: batch_size.unwrap_or(default),
        concurrency: concurrency.unwrap_or(1),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
