//! What is in force: the catalogue, overridden by environment variables. The only place that reads
//! the environment.
//!
//! Variables, what they say, and what holds without them:
//!
//! - `DATABASE_URL`, `DATABASE_URL_FILE`: `sqlite:FILE` or `postgres://…`. Default:
//!   `sqlite:clipper.sqlite`
//! - `DATABASE_CONNECTIONS`: how many connections to PostgreSQL the jobs of a process have at
//!   most, beside two of the runtime. Default: 10
//! - `DEAD_LETTER_RETENTION`: after how long dead letters are removed, or `off`. Default: `off`
//! - `TRUST_HISTORY_RETENTION`: after how long changes of trust scores are removed, or `off`.
//!   Default: `365d`
//! - `RETENTION_INTERVAL`, `RETENTION_BATCH_SIZE`: how often it is looked for what is to be removed,
//!   and how many rows are at a time. Default: `10m`, 1000
//! - `BIND`, `PORT`: where the service listens. Default: `127.0.0.1`, `8080`
//! - `ADMIN_TOKEN`, `ADMIN_TOKEN_FILE`: opens the admin API. Default: nobody may use it
//! - `START_DELAY`: how long a process runs nothing after its start, so that Prometheus sees
//!   every counter at zero first. Default: `30s`
//! - `<JOB>_INTERVAL`, `<JOB>_TIMEOUT`: as `90s`, `5m`, `6h`. Default: the catalogue
//! - `<JOB>_ENABLED`: `true` or `false`. Default: the catalogue
//! - `<JOB>_BATCH_SIZE`: rows at a time. Default: 10000; for jobs that send requests, 100
//! - `WEBHOOK_RETRY_CONCURRENCY`: deliveries at a time. Default: 16
//! - `TWITCH_CLIENT_ID`, `TWITCH_CLIENT_SECRET`, `TWITCH_CLIENT_SECRET_FILE`: who asks Twitch;
//!   without it: `clip_sync` is disabled
//! - `TWITCH_AUTH_URL`, `TWITCH_API_URL`: where Twitch is. Default: Twitch
//! - `CLIP_SYNC_LANGUAGE`, `CLIP_SYNC_JUST_CHATTING`, `CLIP_SYNC_OTHERS`: which clips, and how
//!   many of a game. Default: `en`, 50, 5
//! - `EMBEDDING_BASE_URL`, `EMBEDDING_API_KEY`, `EMBEDDING_API_KEY_FILE`: where embeddings are
//!   computed. Default: the job is disabled
//! - `EMBEDDING_MODEL`, `EMBEDDING_DIMENSIONS`: by which model, of which size. Default:
//!   `text-embedding-3-small`, 768
//! - `EMBEDDING_REQUESTS_PER_MINUTE`: how many requests the service takes. Default: 500
//! - `REDIS_URL`, `REDIS_URL_FILE`: where replicas share what they know for a while; without
//!   it: the database
//! - `OPENSEARCH_URL`, `OPENSEARCH_INDEX`: where embeddings are indexed for the search; without
//!   it: not at all; `clips`
//! - `OPENSEARCH_USERNAME`, `OPENSEARCH_PASSWORD`, `OPENSEARCH_PASSWORD_FILE`: who writes to
//!   it. Default: nobody in particular
//! - `WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES`: whether webhooks may be sent into private
//!   networks: for development. Default: `false`

mod origin;
mod peers;
mod problem;
mod reader;
mod retention;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, Schedule, duration};
use jobwatch_runtime::http::AdminToken;

use crate::cache::RedisAddress;
use crate::clip_sync::Wanted;
use crate::database::{Address, CONNECTIONS};
use crate::embeddings::Service;
use crate::retention::Retention;
use crate::search::SearchService;
use crate::twitch::Credentials;
use crate::webhooks::AddressRule;
pub use origin::Origin;
use peers::Missing;
pub use problem::{SettingsError, SettingsProblem};
use reader::Reader;

/// How long a process runs nothing after its start: two scrapes at the usual interval.
const START_DELAY: Duration = Duration::from_secs(30);

/// How many rows a job handles at a time, unless it is told otherwise; and how many deliveries.
const BATCH_SIZES: (u32, u32) = (10_000, 100);

/// How many deliveries are under way at a time, unless the job is told otherwise.
const CONCURRENCY: u32 = 16;

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
    pub admin_token: AdminToken,
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
        let database = reader.secret_of(
            "DATABASE_URL",
            "sqlite:clipper.sqlite",
            "`sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`",
            |text| text.parse::<Address>().ok(),
            ToString::to_string,
        );
        let database_connections = reader.parsed(
            "DATABASE_CONNECTIONS",
            &CONNECTIONS.to_string(),
            "a number from 1 to 1000",
            |text| text.parse().ok().filter(|number| (1..=1_000).contains(number)),
            u32::to_string,
        );
        let bind = reader.parsed(
            "BIND",
            "127.0.0.1",
            "an address, as `127.0.0.1` or `0.0.0.0`",
            |text| text.parse().ok(),
            IpAddr::to_string,
        );
        let port = reader.parsed(
            "PORT",
            "8080",
            "a port from 1 to 65535, or 0 for any that is free",
            |text| text.parse().ok(),
            u16::to_string,
        );
        let admin_token = reader.secret("ADMIN_TOKEN");
        let start_delay = reader.parsed(
            "START_DELAY",
            &duration::format(START_DELAY),
            "a duration from 1s to 1h, as `30s`; two scrapes of Prometheus",
            |text| {
                let delay = duration::parse(text).ok()?;
                (Duration::from_secs(1)..=Duration::from_secs(3_600)).contains(&delay).then_some(delay)
            },
            |delay| duration::format(*delay),
        );
        let private = reader.parsed(
            "WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES",
            "false",
            BOOLEAN,
            boolean,
            ToString::to_string,
        );
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
            database: database.unwrap_or(Address::Sqlite("clipper.sqlite".into())),
            database_connections: database_connections.unwrap_or(CONNECTIONS),
            bind: bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: port.unwrap_or(8080),
            admin_token: admin_token.map_or(AdminToken::none(), AdminToken::new),
            start_delay: start_delay.unwrap_or(START_DELAY),
            webhook_addresses: if private == Some(true) { AddressRule::Any } else { AddressRule::Public },
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
    let interval = reader.overridden(
        job.interval_variable(),
        &job.schedule().to_string(),
        "a duration from 1s to 366d, as `90s`, `5m` or `6h`",
        |text| Schedule::every(duration::parse(text).ok()?).ok(),
        ToString::to_string,
    );
    let timeout = reader.overridden(
        &format!("{prefix}_TIMEOUT"),
        &duration::format(job.timeout()),
        "a duration of a second or more, as `90s`, `5m` or `1h`",
        |text| duration::parse(text).ok().filter(|timeout| *timeout >= Duration::from_secs(1)),
        |timeout| duration::format(*timeout),
    );
    let enabled = if let Some(why) = missing {
        reader.fixed(&format!("{prefix}_ENABLED"), "false", why);
        Some(false)
    } else {
        reader.overridden(
            &format!("{prefix}_ENABLED"),
            &job.enabled().to_string(),
            BOOLEAN,
            boolean,
            ToString::to_string,
        )
    };
    let sends = SENDING.contains(&job.name().as_str());
    let default = if sends { BATCH_SIZES.1 } else { BATCH_SIZES.0 };
    let batch_size = reader.parsed(
        &format!("{prefix}_BATCH_SIZE"),
        &default.to_string(),
        "a number from 1 to 1000000",
        |text| text.parse().ok().filter(|size| (1..=1_000_000).contains(size)),
        u32::to_string,
    );
    let concurrency = (job.name().as_str() == WEBHOOK_RETRY).then(|| {
        reader.parsed(
            &format!("{prefix}_CONCURRENCY"),
            &CONCURRENCY.to_string(),
            "a number from 1 to 1000",
            |text| text.parse().ok().filter(|number| (1..=1_000).contains(number)),
            u32::to_string,
        )
    });
    JobSettings {
        enabled: enabled.unwrap_or(job.enabled()),
        missing,
        schedule: interval.unwrap_or_else(|| job.schedule().clone()),
        timeout: timeout.unwrap_or(job.timeout()),
        batch_size: batch_size.unwrap_or(default),
        concurrency: concurrency.flatten().unwrap_or(CONCURRENCY),
    }
}

const BOOLEAN: &str = "`true` or `false`";

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
