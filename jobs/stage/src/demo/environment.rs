//! The environment of the demo's service: the stand-ins instead of the services of the world, short
//! intervals, a token that everybody may know. Of the real environment it takes what can do no
//! harm; the credentials of real services are none of its business.

use jobwatch_catalogue::JobName;

use super::fault::{Fault, Mode};
use crate::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET};

/// What opens the admin API of a demo.
pub(super) const ADMIN_TOKEN: &str = "demo";

/// What opens the stand-in for the embedding service.
pub(super) const EMBEDDING_KEY: &str = "demo-key-hunter2";

/// The model that it has, and the size of its embeddings: a small one, for a stand-in computes them
/// slowly.
pub(super) const EMBEDDING_MODEL: &str = "demo-embedding-model";
/// See [`EMBEDDING_MODEL`].
pub(super) const EMBEDDING_DIMENSIONS: u32 = 64;

/// Every job has run within ten seconds, and those that are due often in reality are due often
/// here.
const INTERVALS: [(&str, &str); 6] = [
    ("HOT_SCORE_REFRESH_INTERVAL", "5s"),
    ("TRENDING_SCORE_REFRESH_INTERVAL", "7s"),
    ("CLIP_SYNC_INTERVAL", "8s"),
    ("REPUTATION_TASKS_INTERVAL", "9s"),
    ("WEBHOOK_RETRY_INTERVAL", "3s"),
    ("EMBEDDING_GENERATION_INTERVAL", "4s"),
];

/// How long a job may take: as long as it needs for the largest site, and if it hangs, until one
/// has seen it.
const TIMEOUTS: (&str, &str) = ("2m", "4s");

/// Endings of the variables with which anybody may set the demo's jobs otherwise.
const OPEN: [&str; 4] = ["_INTERVAL", "_TIMEOUT", "_BATCH_SIZE", "_CONCURRENCY"];

/// Where the demo's service finds what.
pub(super) struct Environment<'d> {
    /// As `DATABASE_URL` has it, unless the real environment names a database.
    pub(super) database: &'d str,
    /// Instead of the service's own port.
    pub(super) port: Option<u16>,
    pub(super) twitch: &'d str,
    pub(super) embeddings: &'d str,
    pub(super) faults: &'d [Fault],
}

impl Environment<'_> {
    /// The value of a variable, given the real environment. An empty one is how many tools write
    /// one that is not set.
    pub(super) fn value(&self, variable: &str, real: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let real = |variable: &str| real(variable).filter(|text| !text.trim().is_empty());
        let is_open = OPEN.iter().any(|ending| variable.ends_with(ending));
        match variable {
            "DATABASE_URL_FILE" => real(variable),
            "DATABASE_URL" => {
                let elsewhere = real("DATABASE_URL_FILE").is_some();
                real(variable).or_else(|| (!elsewhere).then(|| self.database.to_owned()))
            }
            "PORT" => self.port.map(|port| port.to_string()).or_else(|| real(variable)),
            _ if is_open => real(variable).or_else(|| self.own(variable)),
            _ => self.own(variable),
        }
    }

    fn own(&self, variable: &str) -> Option<String> {
        if let Some((_, interval)) = INTERVALS.iter().find(|(name, _)| *name == variable) {
            return Some((*interval).to_owned());
        }
        if let Some(prefix) = variable.strip_suffix("_TIMEOUT") {
            let hangs = |fault: &Fault| {
                let is_meant = JobName::new(&fault.job).is_ok_and(|job| job.variable_prefix() == prefix);
                is_meant && fault.mode == Mode::Hang
            };
            let timeout = if self.faults.iter().any(hangs) { TIMEOUTS.1 } else { TIMEOUTS.0 };
            return Some(timeout.to_owned());
        }
        let value = match variable {
            "ADMIN_TOKEN" => ADMIN_TOKEN,
            "TWITCH_CLIENT_ID" => CLIENT_ID,
            "TWITCH_CLIENT_SECRET" => CLIENT_SECRET,
            "TWITCH_AUTH_URL" | "TWITCH_API_URL" => self.twitch,
            "EMBEDDING_BASE_URL" => self.embeddings,
            "EMBEDDING_API_KEY" => EMBEDDING_KEY,
            "EMBEDDING_MODEL" => EMBEDDING_MODEL,
            "EMBEDDING_DIMENSIONS" => return Some(EMBEDDING_DIMENSIONS.to_string()),
            "EMBEDDING_REQUESTS_PER_MINUTE" => "3000",
            // The receivers are on loopback.
            "WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES" => "true",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: Environment<'static> = Environment {
        database: "sqlite:demo.sqlite",
        port: None,
        twitch: "http://127.0.0.1:1",
        embeddings: "http://127.0.0.1:2",
        faults: &[],
    };

    #[track_caller]
    fn check(environment: &Environment<'_>, set: &[(&str, &str)], variable: &str, expected: Option<&str>) {
        let real = |variable: &str| {
            set.iter().find(|(name, _)| *name == variable).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(environment.value(variable, &real).as_deref(), expected, "{variable}");
    }

    #[test]
    fn nothing_of_the_real_services_is_taken_over() {
        for variable in [
            "TWITCH_CLIENT_SECRET",
            "TWITCH_CLIENT_SECRET_FILE",
            "TWITCH_API_URL",
            "EMBEDDING_BASE_URL",
            "EMBEDDING_API_KEY",
            "EMBEDDING_API_KEY_FILE",
            "REDIS_URL",
            "OPENSEARCH_URL",
            "OPENSEARCH_PASSWORD",
            "ADMIN_TOKEN",
            "ADMIN_TOKEN_FILE",
            "ADMIN_TOKENS",
            "BIND",
            "WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES",
            "HOT_SCORE_REFRESH_ENABLED",
        ] {
            let real = |_: &str| Some("real".to_owned());
            assert_ne!(ENVIRONMENT.value(variable, &real).as_deref(), Some("real"), "{variable}");
        }
    }

    #[test]
    fn the_database_the_port_and_the_jobs_may_be_set_otherwise() {
        check(&ENVIRONMENT, &[], "DATABASE_URL", Some("sqlite:demo.sqlite"));
        check(&ENVIRONMENT, &[("DATABASE_URL", "postgres://x")], "DATABASE_URL", Some("postgres://x"));
        let file = [("DATABASE_URL_FILE", "/run/url")];
        check(&ENVIRONMENT, &file, "DATABASE_URL", None);
        check(&ENVIRONMENT, &file, "DATABASE_URL_FILE", Some("/run/url"));
        check(&ENVIRONMENT, &[("DATABASE_URL", "")], "DATABASE_URL", Some("sqlite:demo.sqlite"));
        check(&ENVIRONMENT, &[], "PORT", None);
        check(&ENVIRONMENT, &[("PORT", "9")], "PORT", Some("9"));
        check(&Environment { port: Some(0), ..ENVIRONMENT }, &[("PORT", "9")], "PORT", Some("0"));
        check(&ENVIRONMENT, &[], "CLIP_SYNC_INTERVAL", Some("8s"));
        check(&ENVIRONMENT, &[("CLIP_SYNC_INTERVAL", "1s")], "CLIP_SYNC_INTERVAL", Some("1s"));
    }

    #[test]
    fn a_job_that_hangs_is_given_up_soon() {
        let faults = [Fault { job: "clip_sync".to_owned(), mode: Mode::Hang }];
        let environment = Environment { faults: &faults, ..ENVIRONMENT };
        check(&environment, &[], "CLIP_SYNC_TIMEOUT", Some("4s"));
        check(&environment, &[], "WEBHOOK_RETRY_TIMEOUT", Some("2m"));
        check(&environment, &[("CLIP_SYNC_TIMEOUT", "9s")], "CLIP_SYNC_TIMEOUT", Some("9s"));
    }
}
