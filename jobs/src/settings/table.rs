//! The settings, each once: the code that reads them, `clipper-jobs config`, its help, and the
//! table of the README are made of this.

use super::accepts::Accepts::{self, Durations, DurationsOrOff, Numbers, Words};

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable that sets it. `<JOB>` stands for the name of a job in capitals.
    pub variable: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What kind of value it is.
    pub unit: &'static str,
    /// What can be written, for whoever wrote something else.
    pub accepts: Accepts,
    /// What it is for.
    pub meaning: &'static str,
}

impl Setting {
    /// What kind of value it is, and its bounds where it has some.
    pub fn value(&self) -> String {
        let or_off = if matches!(self.accepts, DurationsOrOff(..)) { ", or `off`" } else { "" };
        match self.accepts.bounds() {
            Some(bounds) => format!("{}, {bounds}{or_off}", self.unit),
            None => self.unit.to_owned(),
        }
    }
}

/// How a default is written that is none.
pub(super) const NOT_SET: &str = "not set";

/// The default of what the catalogue says for each job.
const CATALOGUE: &str = "as in the catalogue";

const DURATION: &str = "duration";
const SECRET: &str = "secret, or file";
const BOOLEAN: &str = "`true` or `false`";

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// The longest that the runtime allows an interval or a run.
const LONGEST: u64 = 366 * DAY;

/// A database has no moment for what is some thousands of years ago.
const AGE: Accepts = DurationsOrOff(HOUR, 36_500 * DAY, "30d");

const BOOLEANS: Accepts = Words(BOOLEAN);
const TEXT: Accepts = Words("a text");

macro_rules! settings {
    ($($name:ident: $variable:literal, $default:expr, $unit:expr, $accepts:expr, $meaning:literal;)*) => {
        $(pub(super) const $name: Setting = Setting {
            variable: $variable,
            default: $default,
            unit: $unit,
            accepts: $accepts,
            meaning: $meaning,
        };)*

        /// All settings, in the order in which they are told.
        pub const SETTINGS: &[Setting] = &[$($name),*];
    };
}

settings! {
    DATABASE_URL: "DATABASE_URL", "sqlite:clipper.sqlite", SECRET,
        Words("`sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`"), "where the database is";
    DATABASE_CONNECTIONS: "DATABASE_CONNECTIONS", "10", "connections", Numbers(1, 1_000),
        "how many connections to PostgreSQL the jobs have at most, beside two of the runtime";
    BIND: "BIND", "127.0.0.1", "address", Words("an address, as `127.0.0.1` or `0.0.0.0`"), "the address that the service listens on";
    PORT: "PORT", "8080", "port", Words("a port from 1 to 65535, or 0 for any that is free"), "the port that the service listens on";
    ADMIN_TOKEN: "ADMIN_TOKEN", NOT_SET, SECRET, TEXT,
        "opens the admin API, under the name `admin`; without any token, that is closed";
    ADMIN_TOKENS: "ADMIN_TOKENS", NOT_SET, SECRET, Words("`NAME:read:SECRET` or `NAME:operate:SECRET`, several between commas"),
        "opens it to others: `NAME:read:SECRET` to look or `NAME:operate:SECRET` to act, several between commas";
    START_DELAY: "START_DELAY", "30s", DURATION, Durations(1, HOUR, "30s"),
        "how long a process runs nothing after its start: two scrapes of Prometheus";
    DEAD_LETTER_RETENTION: "DEAD_LETTER_RETENTION", "off", DURATION, AGE, "after how long dead letters are removed";
    TRUST_HISTORY_RETENTION: "TRUST_HISTORY_RETENTION", "365d", DURATION, AGE,
        "after how long changes of trust scores are removed";
    RUN_HISTORY: "RUN_HISTORY", "100", "runs", Numbers(1, 1_000),
        "how many runs of each job are remembered, for the admin API and for keys that make a trigger idempotent";
    RETENTION_INTERVAL: "RETENTION_INTERVAL", "10m", DURATION, Durations(1, DAY, "10m"),
        "how often it is looked for what is to be removed";
    RETENTION_BATCH_SIZE: "RETENTION_BATCH_SIZE", "1000", "rows", Numbers(1, 100_000),
        "how many rows are removed at a time";
    WEBHOOK_ADDRESSES: "WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES", "false", BOOLEAN, BOOLEANS,
        "whether webhooks may go into private networks: for development";
    TWITCH_CLIENT_ID: "TWITCH_CLIENT_ID", NOT_SET, "text", Words("the id of the application"),
        "who asks Twitch; without it, `clip_sync` is disabled";
    TWITCH_CLIENT_SECRET: "TWITCH_CLIENT_SECRET", NOT_SET, SECRET, TEXT, "what Twitch knows that by; without it, `clip_sync` is disabled";
    TWITCH_AUTH_URL: "TWITCH_AUTH_URL", "https://id.twitch.tv/", "address",
        Words("an address without user and password, as `https://api.twitch.tv`"), "where Twitch gives tokens";
    TWITCH_API_URL: "TWITCH_API_URL", "https://api.twitch.tv/", "address",
        Words("an address without user and password, as `https://api.twitch.tv`"), "where Twitch has its clips";
    CLIP_SYNC_LANGUAGE: "CLIP_SYNC_LANGUAGE", "en", "language", Words("a language of two letters, as `en`"),
        "the language of the clips that are wanted";
    CLIP_SYNC_JUST_CHATTING: "CLIP_SYNC_JUST_CHATTING", "50", "clips", Numbers(1, 500),
        "how many clips of \"Just Chatting\" are wanted";
    CLIP_SYNC_OTHERS: "CLIP_SYNC_OTHERS", "5", "clips", Numbers(1, 500), "how many clips of each other game are wanted";
    EMBEDDING_BASE_URL: "EMBEDDING_BASE_URL", NOT_SET, "address",
        Words("an address without user and password, as `https://api.openai.com`"),
        "where embeddings are computed; without it, `embedding_generation` is disabled";
    EMBEDDING_API_KEY: "EMBEDDING_API_KEY", NOT_SET, SECRET, TEXT, "who asks for embeddings; without it, `embedding_generation` is disabled";
    EMBEDDING_MODEL: "EMBEDDING_MODEL", "text-embedding-3-small", "text", Words("the name of a model"),
        "the model that computes embeddings";
    EMBEDDING_DIMENSIONS: "EMBEDDING_DIMENSIONS", "768", "numbers", Numbers(1, 16_000), "how many numbers an embedding has";
    EMBEDDING_REQUESTS: "EMBEDDING_REQUESTS_PER_MINUTE", "500", "requests", Numbers(1, 100_000),
        "how many requests the service takes in a minute";
    OPENSEARCH_URL: "OPENSEARCH_URL", NOT_SET, "address",
        Words("an address without user and password, as `https://search:9200`"),
        "where embeddings are indexed for the search; without it, they are not";
    OPENSEARCH_INDEX: "OPENSEARCH_INDEX", "clips", "text",
        Words("small letters, digits, `-` and `_`, beginning with a letter"), "the index in which embeddings are";
    OPENSEARCH_USERNAME: "OPENSEARCH_USERNAME", NOT_SET, "text", Words("the name of a user"), "who writes to the index, if it asks for a password";
    OPENSEARCH_PASSWORD: "OPENSEARCH_PASSWORD", NOT_SET, SECRET, TEXT, "the password of that user";
    REDIS_URL: "REDIS_URL", NOT_SET, SECRET, Words("`redis://:PASSWORD@HOST:PORT`, or `rediss://…` for TLS"),
        "where replicas share what they know for a while; without it, in the database";
    JOB_INTERVAL: "<JOB>_INTERVAL", CATALOGUE, DURATION, Durations(1, LONGEST, "5m"),
        "how often the job is due";
    JOB_TIMEOUT: "<JOB>_TIMEOUT", CATALOGUE, DURATION, Durations(1, LONGEST, "1h"),
        "how long a run of the job may take";
    JOB_ENABLED: "<JOB>_ENABLED", CATALOGUE, BOOLEAN, BOOLEANS, "whether the job runs";
    JOB_BATCH_SIZE: "<JOB>_BATCH_SIZE", "10000, or 100 requests", "rows", Numbers(1, 1_000_000),
        "how many rows the job handles at a time";
    WEBHOOK_CONCURRENCY: "WEBHOOK_RETRY_CONCURRENCY", "16", "deliveries", Numbers(1, 1_000),
        "how many deliveries are under way at a time, and as many again that receivers keep waiting";
}

/// The settings as a table of Markdown, for the README.
pub fn markdown() -> String {
    let mut table = "| variable | default | value | meaning |\n|---|---|---|---|\n".to_owned();
    for setting in SETTINGS {
        let Setting { variable, default, meaning, .. } = setting;
        let default = match *default {
            NOT_SET => String::new(),
            words if words.contains(' ') => words.to_owned(),
            value => format!("`{value}`"),
        };
        table += &format!("| `{variable}` | {default} | {} | {meaning} |\n", setting.value());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::accepts::Accepts;
    use super::SETTINGS;

    #[test]
    fn each_setting_takes_its_least_and_its_most_and_nothing_beyond() {
        let mut bounded = Vec::new();
        for setting in SETTINGS {
            let accepts = setting.accepts;
            let (takes, bounds): (&dyn Fn(u64) -> bool, _) = match accepts {
                Accepts::Words(_) => continue,
                Accepts::Numbers(least, most) => {
                    (&|value| accepts.number(&value.to_string()).is_some(), (least.into(), most.into()))
                }
                Accepts::Durations(least, most, _) | Accepts::DurationsOrOff(least, most, _) => {
                    (&|value| accepts.duration(&format!("{value}s")).is_some(), (least, most))
                }
            };
            let (least, most): (u64, u64) = bounds;
            let found = [least - 1, least, most, most + 1].map(takes);
            assert_eq!(found, [false, true, true, false], "{}", setting.variable);
            bounded.push((setting.variable, least, most));
        }
        for hour in [("START_DELAY", 1, 3_600), ("TRUST_HISTORY_RETENTION", 3_600, 36_500 * 86_400)] {
            assert!(bounded.contains(&hour), "{bounded:?}");
        }
    }
}
